namespace RemoteIngress.Protocol.Control;

/// <summary>GOAWAY: the sender takes no new streams on this tunnel and closes it when the old ones have ended.</summary>
public sealed record GoAway
{
    /// <summary>Why: a tag of <see cref="EndReasons.TunnelEndReasons"/> such as <c>draining</c>. At most 128 characters.</summary>
    public required string Reason { get; init; }
}
