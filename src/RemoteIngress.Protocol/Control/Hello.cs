namespace RemoteIngress.Protocol.Control;

/// <summary>HELLO, edge to hub: who calls, in which version, and the SCRAM client-first-message (RFC 5802 section 7).</summary>
public sealed record Hello
{
    /// <summary>The version that this library speaks.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Protocol version of the edge.</summary>
    public required int Version { get; init; }

    /// <summary>Registered name of the edge; must equal the user name in <see cref="Scram"/>.</summary>
    public required string EdgeId { get; init; }

    /// <summary>Tells running instances of one edge apart (<see cref="Identity.InstanceId"/>).</summary>
    public required string InstanceId { get; init; }

    /// <summary>Product and version, for people. At most 128 characters.</summary>
    public required string Software { get; init; }

    /// <summary>SCRAM client-first-message.</summary>
    public required string Scram { get; init; }
}
