using System.Threading.Channels;
using RemoteIngress.Edge.Hubs;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>
/// The way out of the loops: two bounded queues to the control plane. Notices for the log are dropped (and counted) when nobody keeps up
/// with them. Of the snapshots of one hub to one loop only the newest waits: they may be large, and no hub may push out another's.
/// </summary>
internal sealed class EdgeNotices
{
    private const int LogCapacity = 1024;

    private readonly Channel<EdgeNotice> _log = Channel.CreateBounded<EdgeNotice>(
        new BoundedChannelOptions(LogCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Lock _tunnelLock = new();
    private readonly Dictionary<HubAddress, int> _tunnels = [];
    private readonly Lock _configLock = new();
    private readonly Dictionary<(int Loop, HubAddress Hub), ConfigReceived> _newest = [];

    // Hardly longer than the dictionary, and that has one entry for each loop and hub; null is a loop that was revived, which is rare.
    private readonly Channel<(int Loop, HubAddress Hub)?> _configs =
        Channel.CreateUnbounded<(int Loop, HubAddress Hub)?>(new UnboundedChannelOptions { SingleReader = true });

    private long _dropped;

    /// <summary>Notices that found the queue full.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    internal ChannelReader<EdgeNotice> Log => _log.Reader;

    /// <summary>What hubs say of each other.</summary>
    internal HubOpinions Hubs { get; } = new();

    internal void Add(EdgeNotice notice)
    {
        if (!_log.Writer.TryWrite(notice))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>A tunnel of one loop is up.</summary>
    internal void AddUp(HubAddress hub, string hubId)
    {
        // Counted here and not by the reader, who may have missed a notice; under the lock, so that first and last come in their order.
        lock (_tunnelLock)
        {
            var before = _tunnels.GetValueOrDefault(hub);
            _tunnels[hub] = before + 1;
            Add(new TunnelUp(hub, hubId, IsFirst: before == 0));
        }
    }

    /// <summary>A tunnel of one loop, or the attempt at one, ended.</summary>
    internal void AddDown(TunnelDown down)
    {
        lock (_tunnelLock)
        {
            var isLast = down.HubId is not null && --_tunnels[down.Hub] == 0;
            if (isLast)
            {
                // hubs come and go under ever other addresses
                _tunnels.Remove(down.Hub);
            }

            Add(down with { IsLast = isLast });
        }
    }

    /// <summary>A loop is new: what is in force must be applied to it.</summary>
    internal void AddRevived() => _configs.Writer.TryWrite(null);

    internal void AddConfig(ConfigReceived config)
    {
        var from = (config.Loop, config.Tunnel.Hub);
        lock (_configLock)
        {
            if (!_newest.TryAdd(from, config))
            {
                _newest[from] = config;
                return;
            }
        }

        _configs.Writer.TryWrite(from);
    }

    /// <summary>The next snapshot, in the order in which hubs began to wait; null when a loop was revived. One reader.</summary>
    /// <exception cref="ChannelClosedException">The edge has stopped.</exception>
    internal async ValueTask<ConfigReceived?> ReadConfigAsync(CancellationToken cancellationToken)
    {
        if (await _configs.Reader.ReadAsync(cancellationToken) is not { } from)
        {
            return null;
        }

        lock (_configLock)
        {
            _newest.Remove(from, out var config);
            return config!;
        }
    }

    internal void Complete()
    {
        _log.Writer.TryComplete();
        _configs.Writer.TryComplete();
    }
}
