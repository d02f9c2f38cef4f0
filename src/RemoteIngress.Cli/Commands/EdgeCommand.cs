using System.CommandLine;
using Microsoft.Extensions.Logging;
using RemoteIngress.Cli.Hosting;
using RemoteIngress.Cli.Options;
using RemoteIngress.Edge;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress edge</c>: the public side.</summary>
internal static class EdgeCommand
{
    public static Command Create(CliContext context)
    {
        var command = new Command("edge", "Run an edge: accept public connections and tunnel them to the hubs");
        var options = new EdgeCommandOptions();
        var log = new LogOptions();
        options.AddTo(command);
        log.AddTo(command);
        command.SetBody(context, async (_, reader, _) =>
        {
            var edgeOptions = options.Read(reader);
            var level = log.Read(reader);
            reader.ThrowIfErrors();
            using var signals = new ShutdownSignals();
            using var loggerFactory = CliLogging.Create(level);
            return await RunAsync(context, edgeOptions, loggerFactory, signals);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, EdgeOptions options, ILoggerFactory loggerFactory, ShutdownSignals signals)
    {
        await using var edge = new RemoteIngressEdge(options, loggerFactory);
        try
        {
            await edge.StartAsync(signals.Token);
        }
        catch (EdgeStartException exception)
        {
            throw new CliException(ExitCodes.Failed, exception.Errors);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }

        var status = edge.StatusUrl is { } url ? "on " + url.ToString().TrimEnd('/') : "off";
        context.Out.WriteLine($"edge {options.EdgeId} is ready: dials {string.Join(", ", options.Hubs)}, status {status}");
        if (await Task.WhenAny(signals.WaitAsync(), edge.Faulted) == edge.Faulted && edge.Faulted.IsFaulted)
        {
            throw CliException.Failed($"the edge stopped serving: {edge.Faulted.Exception!.InnerException!.Message}; start it again and report this");
        }

        await edge.StopAsync();
        return ExitCodes.Ok;
    }
}
