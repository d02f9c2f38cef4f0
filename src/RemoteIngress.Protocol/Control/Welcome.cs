using System.Text.Json.Serialization;

namespace RemoteIngress.Protocol.Control;

/// <summary>WELCOME, hub to edge: the edge is authenticated, and the hub proves that it knows the secret.</summary>
public sealed record Welcome
{
    /// <summary>SCRAM server-final-message, to be verified before anything else is believed.</summary>
    public required string Scram { get; init; }

    /// <summary>Name of the hub, unique in its cluster. At most 128 characters.</summary>
    public required string HubId { get; init; }

    /// <summary>Product and version, for people. At most 128 characters.</summary>
    public required string Software { get; init; }

    /// <summary>Every hub the edge should have a tunnel to, as <c>host:port</c>. Empty when the hub knows of none.</summary>
    public IReadOnlyList<string> Hubs { get; init => field = value ?? []; } = [];

    /// <summary>Rises whenever this hub has other <see cref="Hubs"/> to name, over all its tunnels and restarts; null (left out): 0.</summary>
    public long? HubsVersion { get; init; }

    /// <summary>
    /// Bytes its side holds at most for all streams of this tunnel together, 1 MiB to 4 GiB; null (left out) for
    /// <see cref="Frames.FrameLimits.DefaultBuffer"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Buffer { get; init; }

    /// <summary>Without the server's signature.</summary>
    public override string ToString() => $"Welcome {{ HubId = {HubId}, Software = {Software}, Hubs = {Hubs.Count} }}";
}
