namespace RemoteIngress.Edge.PublicIp;

/// <summary>What happened to questions and answers since the start. Thread-safe.</summary>
internal sealed class StunCounters
{
    private static readonly StunIgnored[] Reasons = Enum.GetValues<StunIgnored>();

    private readonly long[] _ignored = new long[Reasons.Length];
    private long _answered;
    private long _failed;

    /// <summary>Questions that were answered with an address.</summary>
    internal long Answered => Interlocked.Read(ref _answered);

    /// <summary>Questions that were not.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    internal void OnIgnored(StunIgnored reason) => Interlocked.Increment(ref _ignored[(int)reason]);

    internal void OnDone(StunAnswer answer) => Interlocked.Increment(ref answer.Address is null ? ref _failed : ref _answered);

    /// <summary>Datagrams that were no answer, by reason; those that did not happen are left out.</summary>
    internal IReadOnlyDictionary<string, long> Ignored() => Reasons
        .Select(reason => (Tag: Tag(reason), Count: Interlocked.Read(ref _ignored[(int)reason])))
        .Where(entry => entry.Count > 0)
        .ToDictionary(entry => entry.Tag, entry => entry.Count);

    private static string Tag(StunIgnored reason) => reason switch
    {
        StunIgnored.WrongSource => "wrong_source",
        StunIgnored.WrongTransaction => "wrong_transaction",
        StunIgnored.Malformed => "malformed",
        StunIgnored.BadFingerprint => "bad_fingerprint",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This reason is not mapped."),
    };
}
