using System.Net;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>Turns hub names into addresses on the thread pool; a loop never waits for a name server.</summary>
internal sealed class HubResolver(TimeProvider time, KnownPeers peers)
{
    private readonly NameLookUp _names = new(time);

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
        var (addresses, error) = await _names.FindAsync(hub.Host, CancellationToken.None);
        peers.Learn(hub, [.. addresses]);
        loop.Post(() => callback(addresses, error));
    }
}
