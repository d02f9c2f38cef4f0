using System.Threading.Channels;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>
/// The way out of the loops: two bounded queues to the control plane. Notices for the log are dropped (and counted) when nobody keeps up
/// with them; of snapshots only the newest matter, so the oldest make room.
/// </summary>
internal sealed class EdgeNotices
{
    private const int LogCapacity = 1024;
    private const int ConfigCapacity = 64;

    private readonly Channel<EdgeNotice> _log = Channel.CreateBounded<EdgeNotice>(
        new BoundedChannelOptions(LogCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Channel<ConfigReceived> _configs = Channel.CreateBounded<ConfigReceived>(
        new BoundedChannelOptions(ConfigCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private long _dropped;

    /// <summary>Notices that found the queue full.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    internal ChannelReader<EdgeNotice> Log => _log.Reader;

    internal ChannelReader<ConfigReceived> Configs => _configs.Reader;

    internal void Add(EdgeNotice notice)
    {
        if (!_log.Writer.TryWrite(notice))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    internal void AddConfig(ConfigReceived config) => _configs.Writer.TryWrite(config);

    internal void Complete()
    {
        _log.Writer.TryComplete();
        _configs.Writer.TryComplete();
    }
}
