using System.Net;
using System.Threading.Channels;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Firewall;

/// <summary>
/// Where the tunnels of this edge go, by address: what its packet filter must never cut off. Thread-safe. An address stays known when a
/// name has others by now, since a tunnel may still be there; the oldest are forgotten beyond a bound.
/// </summary>
internal sealed class KnownPeers
{
    private const int Capacity = 1024;

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private readonly List<IPEndPoint> _peers = [];
    private readonly Func<IReadOnlyList<IPAddress>> _nameServers;
    private bool _hasNames;

    /// <param name="nameServers">Who is asked for the hubs' names; they count as peers as soon as one hub has a name.</param>
    internal KnownPeers(Func<IReadOnlyList<IPAddress>> nameServers) => _nameServers = nameServers;

    /// <summary>Everybody known now.</summary>
    internal IReadOnlyList<IPEndPoint> Current
    {
        get
        {
            lock (_lock)
            {
                return _hasNames ? [.. _peers, .. _nameServers().Select(server => new IPEndPoint(server, NameServers.Port))] : [.. _peers];
            }
        }
    }

    /// <summary>Hubs that will be dialled: those given by address are known at once.</summary>
    internal void Expect(IEnumerable<HubAddress> hubs)
    {
        foreach (var hub in hubs)
        {
            if (IPAddress.TryParse(hub.Host, out var address))
            {
                Learn(hub, [address]);
                continue;
            }

            lock (_lock)
            {
                _hasNames = true;
            }
        }
    }

    /// <summary>A hub's name has these addresses.</summary>
    internal void Learn(HubAddress hub, IReadOnlyList<IPAddress> addresses)
    {
        var isNew = false;
        lock (_lock)
        {
            foreach (var address in addresses)
            {
                var peer = new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, hub.Port);
                isNew |= !_peers.Remove(peer);
                _peers.Add(peer);
            }

            _peers.RemoveRange(0, Math.Max(0, _peers.Count - Capacity));
        }

        if (isNew)
        {
            _changed.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits until somebody new is known, but not longer than told. One waits at a time.</summary>
    internal async Task WaitForChangeAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(atMost, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            await _changed.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // long enough
        }
    }
}
