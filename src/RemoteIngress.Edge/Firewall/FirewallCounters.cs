namespace RemoteIngress.Edge.Firewall;

/// <summary>What became of configurations that had to be put in force. Any thread may read it.</summary>
internal sealed class FirewallCounters
{
    private long _applied;
    private long _removed;
    private long _failed;

    internal long Applied => Interlocked.Read(ref _applied);

    /// <summary>Times the table was taken away, because nothing asks for one any more.</summary>
    internal long Removed => Interlocked.Read(ref _removed);

    /// <summary>Attempts that did not succeed, for want of nft too.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    internal void OnApplied() => Interlocked.Increment(ref _applied);

    internal void OnRemoved() => Interlocked.Increment(ref _removed);

    internal void OnFailed() => Interlocked.Increment(ref _failed);
}
