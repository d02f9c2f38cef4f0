using System.Text.Json;

namespace RemoteIngress.Hub.Events;

/// <summary>Passes the events of a hub on to those who read them over HTTP. Thread-safe.</summary>
/// <param name="changed">Called when readers came or went.</param>
internal sealed class EventFeed(Action changed)
{
    /// <summary>Readers at once.</summary>
    internal const int MaxReaders = 16;

    private readonly Lock _lock = new();
    private readonly List<FeedReader> _readers = [];
    private long _id;
    private bool _isOpen;

    internal bool WantsStreams { get; private set; }

    /// <summary>The hub runs: readers may come.</summary>
    internal void Open()
    {
        lock (_lock)
        {
            _isOpen = true;
        }
    }

    /// <summary>The hub stops: every reader gets what waits for it, and then its end.</summary>
    internal void End()
    {
        lock (_lock)
        {
            _isOpen = false;
            _readers.ForEach(static reader => reader.End());
        }
    }

    /// <summary>One more reader of these events; <see langword="null"/> when there is no place for it. Dispose it when it is gone.</summary>
    internal FeedReader? TryAdd(IReadOnlySet<string> names)
    {
        FeedReader reader;
        lock (_lock)
        {
            if (!_isOpen || _readers.Count >= MaxReaders)
            {
                return null;
            }

            reader = new FeedReader(this, names);
            _readers.Add(reader);
            Look();
        }

        changed();
        return reader;
    }

    internal void Remove(FeedReader reader)
    {
        lock (_lock)
        {
            _readers.Remove(reader);
            Look();
        }

        changed();
    }

    internal void Publish(object happening)
    {
        var name = EventNames.Of(happening);
        lock (_lock)
        {
            _id++;
            FeedItem? item = null;
            foreach (var reader in _readers.Where(reader => reader.Names.Contains(name)))
            {
                item ??= new FeedItem(_id, name, JsonSerializer.Serialize(happening, happening.GetType(), JsonSerializerOptions.Web));
                reader.Add(item);
            }
        }
    }

    private void Look() =>
        WantsStreams = _readers.Exists(static reader => reader.Names.Contains(EventNames.StreamOpened) || reader.Names.Contains(EventNames.StreamClosed));
}
