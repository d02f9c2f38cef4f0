using System.Threading.Channels;

namespace RemoteIngress.Hub.Events;

/// <summary>
/// One reader of <c>GET /api/v1/events</c> and what waits for it. Bounded: a reader that is too slow loses the oldest, and is told how many.
/// </summary>
internal sealed class FeedReader : IDisposable
{
    /// <summary>Events that wait for one reader.</summary>
    internal const int Capacity = 1024;

    private readonly EventFeed _feed;
    private readonly Channel<FeedItem> _channel;
    private long _dropped;

    internal FeedReader(EventFeed feed, IReadOnlySet<string> names)
    {
        _feed = feed;
        Names = names;
        _channel = Channel.CreateBounded<FeedItem>(
            new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>The events it wants.</summary>
    internal IReadOnlySet<string> Names { get; }

    internal void Add(FeedItem item) => _channel.Writer.TryWrite(item);

    internal void End() => _channel.Writer.TryComplete();

    /// <summary>True: there is something to <see cref="TryRead"/>. False: the hub stops, nothing more comes.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _channel.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The next event; before it, how many were lost that came before it.</summary>
    internal bool TryRead(out FeedItem? item, out long dropped)
    {
        var found = _channel.Reader.TryRead(out item);
        dropped = found ? Interlocked.Exchange(ref _dropped, 0) : 0;
        return found;
    }

    public void Dispose() => _feed.Remove(this);
}
