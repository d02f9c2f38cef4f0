using System.Net;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>What the tunnel listener is told.</summary>
internal sealed record TunnelServerOptions
{
    internal required IPEndPoint Local { get; init; }

    internal required HubIdentity Identity { get; init; }

    /// <summary>Hubs that WELCOME names.</summary>
    internal Func<HubList> Hubs { get; init; } = static () => HubList.None;

    /// <summary>A hub lingers longer (5 s): what a drain waited for may still be on a slow way when its tunnel closes.</summary>
    internal static readonly TunnelOptions DefaultTunnel = TunnelOptions.Default with { LingerTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>Times and bounds of a tunnel.</summary>
    internal TunnelOptions Tunnel { get; init; } = DefaultTunnel;

    /// <summary>How long a target may take to accept. Default 5 s.</summary>
    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal int MaxUnauthenticated { get; init; } = Admission.DefaultTotal;

    internal int MaxUnauthenticatedPerAddress { get; init; } = Admission.DefaultPerAddress;

    internal int FreeAuthFailures { get; init; } = FailureHistory.Free;

    /// <summary>The longest wait of an address that fails to authenticate. Default 4 s.</summary>
    internal TimeSpan MaxAuthDelay { get; init; } = FailureHistory.Longest;

    /// <summary>Connections forwarded at once. Default 200,000.</summary>
    internal int MaxStreams { get; init; } = 200_000;

    /// <summary>UDP sessions at once. Default 200,000.</summary>
    internal int MaxUdpSessions { get; init; } = 200_000;

    /// <summary>Bytes that the socket of a UDP session asks for. Default 1 MiB.</summary>
    internal int UdpReceiveBuffer { get; init; } = 1024 * 1024;

    internal DirectoryLimits Directory { get; init; } = DirectoryLimits.Default;

    internal OpenFiles Files { get; init; } = new(int.MaxValue, 0);
}
