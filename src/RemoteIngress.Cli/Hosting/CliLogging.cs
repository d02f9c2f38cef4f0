using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace RemoteIngress.Cli.Hosting;

/// <summary>Logs of a running hub or edge: one line each, UTC, on the error stream; the output stream is for results.</summary>
internal static class CliLogging
{
    public static ILoggerFactory Create(LogLevel level) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(level)
        // a line for each attempt of the cluster's library says nothing to an operator
        .AddFilter("Polly", level > LogLevel.Warning ? level : LogLevel.Warning)
        .AddSimpleConsole(static options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        })
        .Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace));
}
