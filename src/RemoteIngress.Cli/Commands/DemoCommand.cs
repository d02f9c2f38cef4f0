using System.CommandLine;
using Microsoft.Extensions.Logging;
using RemoteIngress.Cli.Demo;
using RemoteIngress.Cli.Hosting;
using RemoteIngress.Cli.Options;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress demo</c>: from a fresh clone to an answer through the tunnel.</summary>
internal static class DemoCommand
{
    public static Command Create(CliContext context)
    {
        var once = new Option<bool>("--once") { Description = "End after the request instead of staying up" };
        var log = new LogOptions("warning");
        var command = new Command("demo", "Run a hub, an edge and a web target here, and send one request through them") { once };
        log.AddTo(command);
        command.SetBody(context, async (result, reader, _) =>
        {
            var level = log.Read(reader);
            reader.ThrowIfErrors();
            using var signals = new ShutdownSignals();
            using var loggerFactory = CliLogging.Create(level);
            return await RunAsync(context, result.GetValue(once), loggerFactory, signals);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, bool once, ILoggerFactory loggerFactory, ShutdownSignals signals)
    {
        await using var demo = new DemoRun(context, loggerFactory);
        try
        {
            await demo.RunAsync(signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }

        if (once)
        {
            context.Out.WriteLine("done");
            return ExitCodes.Ok;
        }

        context.Out.WriteLine();
        context.Out.WriteLine($"Try it: curl {demo.Url}      (Ctrl-C ends the demo)");
        await signals.WaitAsync();
        return ExitCodes.Ok;
    }
}
