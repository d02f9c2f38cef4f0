using Microsoft.Extensions.Logging;
using RemoteIngress.Hub.Tunnels;

namespace RemoteIngress.Hub.Cluster;

/// <summary>Tells every connected edge of another list of hubs, at once and then at most once a second.</summary>
internal sealed partial class HubListPush(HubDirectory hubs, SessionDirectory sessions, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await hubs.WaitForNewsAsync(cancellationToken);
            LogHubs(string.Join(", ", hubs.List.Names));
            sessions.HubsChanged();
            await Task.Delay(Apart, time, cancellationToken);
        }
    }

    [LoggerMessage(3264, LogLevel.Information, "Edges are told of these hubs: {Hubs}", EventName = "HubsTold")]
    private partial void LogHubs(string hubs);
}
