using System.Threading.Channels;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>The way from the loops to the control plane: bounded, never waited for, every drop counted.</summary>
internal sealed class HubEventQueue
{
    private const int Capacity = 4096;

    private readonly Channel<HubEvent> _channel = Channel.CreateBounded<HubEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private long _dropped;

    internal long Dropped => Interlocked.Read(ref _dropped);

    internal ChannelReader<HubEvent> Reader => _channel.Reader;

    internal void Post(HubEvent hubEvent)
    {
        if (!_channel.Writer.TryWrite(hubEvent))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    internal void Complete() => _channel.Writer.TryComplete();
}
