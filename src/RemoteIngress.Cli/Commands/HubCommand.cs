using System.CommandLine;
using Microsoft.Extensions.Logging;
using RemoteIngress.Cli.Hosting;
using RemoteIngress.Cli.Options;
using RemoteIngress.Hub;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress hub</c>: the private side.</summary>
internal static class HubCommand
{
    public static Command Create(CliContext context)
    {
        var command = new Command("hub", "Run a hub: take tunnels of allowed edges and forward their connections to targets");
        var options = new HubCommandOptions();
        var log = new LogOptions();
        options.AddTo(command);
        log.AddTo(command);
        command.SetBody(context, async (_, reader, _) =>
        {
            var hubOptions = options.Read(reader);
            var level = log.Read(reader);
            reader.ThrowIfErrors();
            using var signals = new ShutdownSignals();
            using var loggerFactory = CliLogging.Create(level);
            return await RunAsync(context, hubOptions, loggerFactory, signals);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, HubOptions options, ILoggerFactory loggerFactory, ShutdownSignals signals)
    {
        await using var hub = new RemoteIngressHub(options, loggerFactory);
        try
        {
            await hub.StartAsync(signals.Token);
        }
        catch (HubStartException exception)
        {
            throw new CliException(ExitCodes.Failed, exception.Errors);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }

        var status = hub.GetStatus();
        var address = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(options.TunnelAddress), status.TunnelPort);
        context.Out.WriteLine($"hub {status.HubId} is ready: tunnels on {address}, API {(hub.AdminUrl is { } url ? "on " + url.ToString().TrimEnd('/') : "off")}");
        if (await Task.WhenAny(signals.WaitAsync(), hub.Faulted, hub.Drained) == hub.Faulted && hub.Faulted.IsFaulted)
        {
            throw CliException.Failed($"the hub stopped serving: {hub.Faulted.Exception!.InnerException!.Message}; start it again and report this");
        }

        // after hubs drain it has stopped already
        await hub.StopAsync();
        return ExitCodes.Ok;
    }
}
