namespace RemoteIngress.Hub.Limits;

/// <summary>What <see cref="Tunnels.SessionDirectory"/> has to keep to. The defaults are those of <see cref="HubOptions"/>.</summary>
internal sealed record DirectoryLimits
{
    private static readonly HubOptions Defaults = new();

    internal static readonly DirectoryLimits Default = new();

    internal int MaxTunnels { get; init; } = Defaults.MaxTunnels;

    internal int MaxTunnelsPerEdge { get; init; } = Defaults.MaxTunnelsPerEdge;

    internal int MaxInstancesPerEdge { get; init; } = Defaults.MaxInstancesPerEdge;

    internal int MaxStreamsPerEdge { get; init; } = Defaults.MaxStreamsPerEdge;

    internal int MaxUdpSessionsPerEdge { get; init; } = Defaults.MaxUdpSessionsPerEdge;
}
