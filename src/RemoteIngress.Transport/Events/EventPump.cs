using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace RemoteIngress.Transport.Events;

/// <summary>
/// Carries what happened to those who listen, one after the other and in order, on the thread pool. Whoever tells it never waits: what finds
/// the queue full is dropped and counted.
/// </summary>
internal sealed partial class EventPump(int capacity)
{
    private readonly Channel<object> _channel = Channel.CreateBounded<object>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private long _dropped;

    internal long Dropped => Interlocked.Read(ref _dropped);

    internal void Post(object happening)
    {
        if (!_channel.Writer.TryWrite(happening))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Nothing more comes: <see cref="RunAsync"/> ends when what is queued was delivered.</summary>
    internal void Complete() => _channel.Writer.TryComplete();

    internal async Task RunAsync(Action<object> deliver)
    {
        await foreach (var happening in _channel.Reader.ReadAllAsync())
        {
            deliver(happening);
        }
    }

    /// <summary>Calls every handler. One that throws is logged, and the others are called all the same.</summary>
    internal static void Raise<T>(EventHandler<T>? handlers, object sender, T happening, ILogger logger)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, happening);
            }
            catch (Exception error)
            {
                LogHandlerFailed(logger, typeof(T).Name, error.GetType().Name, error.Message, error);
            }
        }
    }

    [LoggerMessage(1103, LogLevel.Error, "A handler of {Event} threw {Type}: {Message}", EventName = "HandlerFailed")]
    private static partial void LogHandlerFailed(ILogger logger, string @event, string type, string message, Exception exception);
}
