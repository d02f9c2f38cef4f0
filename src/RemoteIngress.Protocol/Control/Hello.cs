using System.Text.Json.Serialization;

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

    /// <summary>
    /// Which of this instance's parallel tunnels to one hub it is, 0 to 65,535: an edge keeps several (one for each event loop).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Lane { get; init; }

    /// <summary>
    /// Rises with every connection of the same lane. A hub closes the lane's earlier tunnels when a later one is authenticated: the
    /// edge has given them up, whatever the network still believes. 0 (the default) replaces nothing.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Attempt { get; init; }

    /// <summary>
    /// Bytes its side holds at most for all streams of this tunnel together, 1 MiB to 4 GiB; null (left out) for
    /// <see cref="Frames.FrameLimits.DefaultBuffer"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Buffer { get; init; }

    /// <summary>Product and version, for people. At most 128 characters.</summary>
    public required string Software { get; init; }

    /// <summary>SCRAM client-first-message.</summary>
    public required string Scram { get; init; }
}
