using System.Threading.Channels;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Hubs;

/// <summary>
/// Which hubs there are in the words of the hubs that this edge has a tunnel to, and who answered at which address. Written by the loops, once
/// for each tunnel that comes or goes, and by whoever reads CONFIG; read by <see cref="HubFollower"/>. Thread-safe; no news is ever lost.
/// </summary>
internal sealed class HubOpinions
{
    /// <summary>Names of one hub's list that count; the rest is ignored.</summary>
    internal const int MaxNames = 64;

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Opinion> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<HubAddress, string> _ids = [];

    /// <summary>A tunnel is authenticated; every call is matched by one of <see cref="OnDown"/>.</summary>
    internal void OnUp(HubAddress address, string hubId, IReadOnlyList<string> names, long version)
    {
        lock (_lock)
        {
            if (!_live.TryGetValue(hubId, out var opinion))
            {
                _live[hubId] = opinion = new Opinion();
            }

            opinion.Tunnels++;
            opinion.Take(names, version);
            _ids[address] = hubId;
        }

        _changed.Writer.TryWrite(true);
    }

    /// <summary>An authenticated tunnel ended. What a hub said counts until its last one has.</summary>
    internal void OnDown(string hubId)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(hubId, out var opinion) && --opinion.Tunnels == 0)
            {
                _live.Remove(hubId);
            }
        }

        _changed.Writer.TryWrite(true);
    }

    /// <summary>A CONFIG came over one of the hub's tunnels.</summary>
    internal void OnSaid(string hubId, IReadOnlyList<string> names, long version)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(hubId, out var opinion))
            {
                opinion.Take(names, version);
            }
        }

        _changed.Writer.TryWrite(true);
    }

    /// <summary>
    /// Every hub that any hub with a live tunnel names; null when none of them names any, which is no reason to forget those that were named
    /// before. And who answered at the addresses that are known.
    /// </summary>
    internal (IReadOnlyList<HubAddress>? Named, IReadOnlyDictionary<HubAddress, string> Ids) Read()
    {
        lock (_lock)
        {
            HubAddress[] named = [.. _live.Values.SelectMany(static opinion => opinion.Names).Distinct()];
            return (named.Length == 0 ? null : named, new Dictionary<HubAddress, string>(_ids));
        }
    }

    /// <summary>Forgets who answered at other addresses.</summary>
    internal void Keep(IReadOnlyCollection<HubAddress> addresses)
    {
        lock (_lock)
        {
            foreach (var gone in _ids.Keys.Except(addresses).ToArray())
            {
                _ids.Remove(gone);
            }
        }
    }

    /// <summary>Waits for news. One waits at a time.</summary>
    internal async Task WaitForChangeAsync(CancellationToken cancellationToken) => await _changed.Reader.ReadAsync(cancellationToken);

    private sealed class Opinion
    {
        private long _version;

        internal int Tunnels { get; set; }

        internal IReadOnlyList<HubAddress> Names { get; private set; } = [];

        // An older list may arrive later than a newer one: they came over two connections.
        internal void Take(IReadOnlyList<string> names, long version)
        {
            if (names.Count == 0 || version < _version)
            {
                return;
            }

            _version = version;
            Names = [.. names.Take(MaxNames).Select(Parse).OfType<HubAddress>()];
        }

        private static HubAddress? Parse(string name) => HubAddress.TryParse(name, out var address) ? address : null;
    }
}
