using System.Net;
using System.Net.Sockets;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>Turns hub names into addresses on the thread pool; a loop never waits for a name server.</summary>
internal sealed class HubResolver(TimeProvider time, KnownPeers peers)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Answers on the loop: the addresses, or none and why.</summary>
    internal void Resolve(HubAddress hub, EventLoop loop, Action<IReadOnlyList<IPAddress>, string> callback)
    {
        if (IPAddress.TryParse(hub.Host, out var literal))
        {
            callback([literal], "");
            return;
        }

        _ = ResolveAsync(hub, loop, callback);
    }

    private async Task ResolveAsync(HubAddress hub, EventLoop loop, Action<IReadOnlyList<IPAddress>, string> callback)
    {
        IPAddress[] addresses = [];
        var error = "the name has no address";
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            addresses = await Dns.GetHostAddressesAsync(hub.Host, timeout.Token);
        }
        catch (SocketException exception)
        {
            error = exception.Message;
        }
        catch (OperationCanceledException)
        {
            error = "the name server did not answer in 5 s";
        }

        peers.Learn(hub, addresses);
        loop.Post(() => callback(addresses, $"{hub.Host}: {error}"));
    }
}
