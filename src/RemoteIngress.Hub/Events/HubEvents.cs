using Microsoft.Extensions.Logging;
using RemoteIngress.Transport.Events;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Events;

/// <summary>Who listens to a hub: handlers of its .NET events, and readers of <c>GET /api/v1/events</c>. Outlives its runs. Thread-safe.</summary>
internal sealed class HubEvents
{
    private readonly Lock _lock = new();
    private readonly object _sender;
    private readonly ILogger _logger;
    private EventHandler<StreamOpenedEventArgs>? _streamOpened;
    private EventHandler<StreamClosedEventArgs>? _streamClosed;
    private volatile bool _wantsStreams;
    private long _streamId;

    internal HubEvents(object sender, ILogger logger)
    {
        _sender = sender;
        _logger = logger;
        Feed = new EventFeed(Look);
    }

    internal event EventHandler<EdgeConnectedEventArgs>? EdgeConnected;

    internal event EventHandler<EdgeDisconnectedEventArgs>? EdgeDisconnected;

    internal event EventHandler<CrashRecoveredEventArgs>? CrashRecovered;

    internal event EventHandler<CrashRecoveryFailedEventArgs>? CrashRecoveryFailed;

    internal event EventHandler<StreamOpenedEventArgs>? StreamOpened
    {
        add => Change(() => _streamOpened += value);
        remove => Change(() => _streamOpened -= value);
    }

    internal event EventHandler<StreamClosedEventArgs>? StreamClosed
    {
        add => Change(() => _streamClosed += value);
        remove => Change(() => _streamClosed -= value);
    }

    /// <summary>The readers over HTTP.</summary>
    internal EventFeed Feed { get; }

    /// <summary>Somebody listens to what happens to connections. All that it costs when nobody does.</summary>
    internal bool WantsStreams => _wantsStreams;

    internal long NextStreamId() => Interlocked.Increment(ref _streamId);

    /// <summary>Tells everybody. On the thread pool, by one task at a time (but for a <see cref="CrashRecoveryFailedEventArgs"/>).</summary>
    internal void Deliver(object happening)
    {
        // first those who cannot hold it up
        Feed.Publish(happening);
        switch (happening)
        {
            case EdgeConnectedEventArgs e:
                EventPump.Raise(EdgeConnected, _sender, e, _logger);
                break;
            case EdgeDisconnectedEventArgs e:
                EventPump.Raise(EdgeDisconnected, _sender, e, _logger);
                break;
            case StreamOpenedEventArgs e:
                EventPump.Raise(_streamOpened, _sender, e, _logger);
                break;
            case StreamClosedEventArgs e:
                EventPump.Raise(_streamClosed, _sender, e, _logger);
                break;
            case CrashRecoveredEventArgs e:
                EventPump.Raise(CrashRecovered, _sender, e, _logger);
                break;
            case CrashRecoveryFailedEventArgs e:
                EventPump.Raise(CrashRecoveryFailed, _sender, e, _logger);
                break;
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Look();
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            _wantsStreams = _streamOpened is not null || _streamClosed is not null || Feed.WantsStreams;
        }
    }
}
