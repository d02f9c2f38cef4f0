using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>How an edge process is started.</summary>
public sealed record EdgeSetup
{
    /// <summary>The hub it dials, <c>host:port</c>.</summary>
    public required string Hub { get; init; }

    public required string EdgeId { get; init; }

    public required string Secret { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A program and its options that starts it in some other state, such as <c>setpriv</c>; it must become the edge.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>Where it runs; null: where the test does.</summary>
    public NetworkNamespace? Network { get; init; }
}
