using System.Net;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>What the tunnel listener is told.</summary>
internal sealed record TunnelServerOptions
{
    internal required IPEndPoint Local { get; init; }

    internal required HubIdentity Identity { get; init; }

    /// <summary>Hubs that WELCOME names.</summary>
    internal IReadOnlyList<string> Hubs { get; init; } = [];

    /// <summary>Number of loops; 0 is one per core.</summary>
    internal int Loops { get; init; }

    /// <summary>Times of a tunnel. A hub lingers longer (5 s): what a drain waited for may still be on a slow way when its tunnel closes.</summary>
    internal TunnelOptions Tunnel { get; init; } = TunnelOptions.Default with { LingerTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>How long a target may take to accept. Default 5 s.</summary>
    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal int MaxUnauthenticated { get; init; } = Admission.DefaultTotal;

    internal int MaxUnauthenticatedPerAddress { get; init; } = Admission.DefaultPerAddress;
}
