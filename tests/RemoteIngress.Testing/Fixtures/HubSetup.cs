using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>How a hub process is started.</summary>
public sealed record HubSetup
{
    public string TunnelAddress { get; init; } = "127.0.0.1";

    public int TunnelPort { get; init; } = Ports.Free();

    public int AdminPort { get; init; } = Ports.Free();

    public string AdminToken { get; init; } = "test-admin-token-" + Guid.NewGuid().ToString("N");

    public string HubId { get; init; } = "hub-1";

    /// <summary>What the registry is made at the start; null leaves it as it is.</summary>
    public IReadOnlyList<EdgeSpec>? Edges { get; init; } = [];

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Limits of descriptors, <c>soft:hard</c>.</summary>
    public string? OpenFiles { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it runs; null: where the test does.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>Kept by whoever made it, so that a second hub can find what the first one left.</summary>
    public required TempDirectory Data { get; init; }
}
