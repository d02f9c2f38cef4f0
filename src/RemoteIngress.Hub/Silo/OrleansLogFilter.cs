using Microsoft.Extensions.Logging;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// The program's loggers for the inner hosts, with the chatter of the frameworks cut: Information of theirs is Debug to an operator
/// of a hub, and some of their warnings are false alarms.
/// </summary>
internal sealed class OrleansLogFilter(ILoggerFactory inner) : ILoggerFactory
{
    // a stack trace for each failed call or refresh while Redis or another hub is away: the hub says it once, in its own words
    private static readonly string[] NoisyCategories =
    [
        "Orleans.Runtime.Watchdog", "Orleans.Runtime.Silo", "Orleans.Runtime.SiloOptionsLogger", "Orleans.Networking",
        "Orleans.Runtime.MembershipService", "Orleans.Persistence", "Orleans.Storage", "Orleans.Runtime.Scheduler",
    ];

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        if (NoisyCategories.Any(noisy => categoryName.StartsWith(noisy, StringComparison.Ordinal)))
        {
            return new Filtered(logger, LogLevel.Error);
        }

        return categoryName.StartsWith("Orleans", StringComparison.Ordinal)
            || categoryName.StartsWith("Microsoft.", StringComparison.Ordinal)
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
