using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Threading.Channels;
using RemoteIngress.Contracts;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Cluster;

/// <summary>
/// Every live hub of the cluster as this one knows it, and what edges are told of them. Outlives the silo: without one, the other hubs are those
/// of its last moment, since a hub that lost its cluster cannot say who else did. Thread-safe.
/// </summary>
internal sealed class HubDirectory(ILocalHub local, Supervisor supervisor, TimeProvider time)
{
    /// <summary>So many hubs are named to edges.</summary>
    internal const int MaxNames = 64;

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private ImmutableArray<HubView> _others = [];
    private HubList _list = HubList.None;
    private IReadOnlyDictionary<string, string> _runs = ReadOnlyDictionary<string, string>.Empty;
    private HubPeers? _peers;

    internal ILocalHub Local => local;

    internal Supervisor Supervisor => supervisor;

    /// <summary>The way to the other hubs; null while the silo does not run.</summary>
    internal HubPeers? Peers => Volatile.Read(ref _peers);

    /// <summary>What edges are told: hubs that take tunnels and have an address for edges. The same at every hub that knows the same.</summary>
    internal HubList List => Volatile.Read(ref _list);

    /// <summary>The instance of every hub that is known by now, by name: cheap, for those who ask for each edge.</summary>
    internal IReadOnlyDictionary<string, string> Runs => Volatile.Read(ref _runs);

    /// <summary>All of them, by name.</summary>
    internal IReadOnlyList<HubView> All() =>
        [.. Others.Append(Own()).OrderBy(static hub => hub.HubId, StringComparer.Ordinal).ThenBy(static hub => hub.InstanceId, StringComparer.Ordinal)];

    /// <summary>This one.</summary>
    internal HubView Own() => local.Describe() with { SiloAddress = Peers?.Own };

    /// <summary>A silo runs.</summary>
    internal void Attach(HubPeers peers) => Volatile.Write(ref _peers, peers);

    /// <summary>That silo ends; another one may have begun.</summary>
    internal void Detach(HubPeers peers) => Interlocked.CompareExchange(ref _peers, null, peers);

    /// <summary>The other hubs are these now.</summary>
    internal void Update(ImmutableArray<HubView> others)
    {
        lock (_lock)
        {
            _others = others;
            Volatile.Write(ref _runs, others
                .Select(static hub => (hub.HubId, hub.InstanceId))
                .Prepend((local.HubId, local.InstanceId))
                .DistinctBy(static hub => hub.HubId)
                .ToDictionary(static hub => hub.HubId, static hub => hub.InstanceId, StringComparer.Ordinal));
            Renew();
        }
    }

    /// <summary>This hub is no longer as it was: the others are told, and the edges if it matters to them.</summary>
    internal void OwnChanged()
    {
        lock (_lock)
        {
            Renew();
        }

        Peers?.TellOthers();
    }

    /// <summary>Waits until <see cref="List"/> is another. One waits at a time.</summary>
    internal async Task WaitForNewsAsync(CancellationToken cancellationToken) => await _news.Reader.ReadAsync(cancellationToken);

    private ImmutableArray<HubView> Others
    {
        get
        {
            lock (_lock)
            {
                return _others;
            }
        }
    }

    private void Renew()
    {
        string[] names =
        [
            .. All().Where(static hub => hub is { State: HubView.Ready, Advertise: not null }).Select(static hub => hub.Advertise!).Distinct().Take(MaxNames),
        ];
        if (!names.SequenceEqual(_list.Names))
        {
            // later than what this hub's last process said, too
            var version = Math.Max(_list.Version + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
            Volatile.Write(ref _list, new HubList(names, version));
            _news.Writer.TryWrite(true);
        }
    }
}
