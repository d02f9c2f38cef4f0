using Microsoft.Extensions.Logging;
using RemoteIngress.Hub.Registry.Push;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// The program's loggers for the inner hosts, with the chatter of the frameworks cut: Information of theirs is Debug to an operator
/// of a hub, and some of their warnings are false alarms.
/// </summary>
internal sealed class OrleansLogFilter(ILoggerFactory inner) : ILoggerFactory
{
    // A stack trace, several deep, for each call that fails while Redis or another hub is away. Callers get the failure as an exception,
    // and RedisHealth says once when the outage begins and ends.
    private static readonly string[] NoisyCategories =
    [
        "Orleans.Runtime.Watchdog", "Orleans.Runtime.Silo", "Orleans.Networking", "Orleans.Runtime.MembershipService", "Orleans.Clustering",
        "Orleans.Persistence", "Orleans.Storage", "Orleans.Grain", "Orleans.Runtime.Scheduler", "Orleans.Runtime.Messaging",
        "Orleans.Runtime.GrainDirectory", "Orleans.Runtime.Metadata", "Microsoft.Extensions.Hosting",
    ];

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        if (NoisyCategories.Any(noisy => categoryName.StartsWith(noisy, StringComparison.Ordinal)))
        {
            return new Filtered(logger, LogLevel.Critical);
        }

        // the last is ours by name, but what it logs is its base class's
        return categoryName.StartsWith("Orleans", StringComparison.Ordinal)
            || categoryName.StartsWith("Microsoft.", StringComparison.Ordinal)
            || categoryName == typeof(EdgePushService).FullName
                ? new Filtered(logger, LogLevel.Warning)
                : logger;
    }

    public void AddProvider(ILoggerProvider provider)
    {
        // the providers are the program's
    }

    public void Dispose()
    {
        // so is the factory
    }

    private sealed class Filtered(ILogger inner, LogLevel minimum) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
