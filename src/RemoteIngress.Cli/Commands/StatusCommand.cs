using System.CommandLine;
using System.Text.Json;
using RemoteIngress.Cli.Hosting;
using RemoteIngress.Cli.Management;
using RemoteIngress.Cli.Options;
using RemoteIngress.Cli.Output;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress status</c>: a hub, and the cluster as it sees it.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    public static Command Create(CliContext context)
    {
        var command = new Command("status", "Show a hub, its connected edges, and its whole cluster");
        var admin = new AdminOptions();
        var watch = new Option<bool>("--watch") { Description = "Show it again every second until Ctrl-C" };
        admin.AddTo(command);
        command.Options.Add(watch);
        command.SetBody(context, async (result, reader, cancellation) =>
        {
            var target = admin.Read(reader);
            reader.ThrowIfErrors();
            using var api = new AdminApiClient(target, context);
            if (!result.GetValue(watch))
            {
                Print(context, target, await api.GetAsync("status", cancellation));
                return ExitCodes.Ok;
            }

            using var signals = new ShutdownSignals();
            return await WatchAsync(context, target, api, signals.Token);
        });
        return command;
    }

    private static async Task<int> WatchAsync(CliContext context, AdminTarget target, AdminApiClient api, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(WatchInterval, context.Time);
        try
        {
            do
            {
                var status = await api.GetAsync("status", stop);
                if (context.Interactive)
                {
                    context.Out.Write("\e[H\e[2J");
                }

                Print(context, target, status);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends
        }

        return ExitCodes.Ok;
    }

    private static void Print(CliContext context, AdminTarget target, string json)
    {
        if (target.Json)
        {
            JsonWriter.Write(context, json);
            return;
        }

        using var document = JsonDocument.Parse(json);
        StatusTables.Write(context, document.RootElement);
    }
}
