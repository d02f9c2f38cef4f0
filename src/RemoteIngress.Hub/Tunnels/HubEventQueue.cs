using System.Threading.Channels;
using RemoteIngress.Hub.Events;
using RemoteIngress.Transport.Events;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// The way from the loops to the control plane: bounded, never waited for, every drop counted. What is told to those who embed the hub or read
/// its API goes its own way, so that neither their handlers nor a flood of connections push out a line of the log.
/// </summary>
/// <param name="events">Who listens; <see langword="null"/> is nobody.</param>
internal sealed class HubEventQueue(HubEvents? events = null)
{
    private const int Capacity = 4096;

    private readonly Channel<HubEvent> _channel = Channel.CreateBounded<HubEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private long _dropped;

    /// <summary>For those who listen to the hub's events.</summary>
    internal EventPump Told { get; } = new(Capacity);

    /// <summary>Somebody listens to what happens to connections.</summary>
    internal bool WantsStreams => events is { WantsStreams: true };

    internal long Dropped => Interlocked.Read(ref _dropped);

    internal ChannelReader<HubEvent> Reader => _channel.Reader;

    internal void Post(HubEvent hubEvent)
    {
        if (!_channel.Writer.TryWrite(hubEvent))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Tells those who listen to the hub's events, in order.</summary>
    internal void Tell(object happening) => Told.Post(happening);

    internal long NextStreamId() => events!.NextStreamId();

    internal void Complete() => _channel.Writer.TryComplete();
}
