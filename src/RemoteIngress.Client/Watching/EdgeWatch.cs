using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>
/// Watches by looking again and again. Not by a subscription: those of Orleans are forgotten when a grain moves or a hub dies, so that one would have to look
/// again and compare anyway, and what is told twice or late is no gain.
/// </summary>
internal sealed partial class EdgeWatch(
    Func<CancellationToken, Task<IReadOnlyList<EdgeView>>> list, TimeProvider time, ILogger<EdgeWatch> logger)
{
    private const int PauseForEachListing = 10;
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<EdgeEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, EdgeView>? before = null;
        while (true)
        {
            var start = time.GetTimestamp();
            var now = await TryListAsync(cancellationToken);

            // whoever watches a large fleet must not keep the hubs busy with it
            var pause = time.GetElapsedTime(start) * PauseForEachListing;
            if (now is not null)
            {
                var events = before is null
                    ? now.Values.OrderBy(edge => edge.Id, StringComparer.Ordinal).Select(edge => new EdgeEvent(EdgeEventKind.Listed, edge.Id, edge))
                    : EdgeComparison.Compare(before, now);
                foreach (var change in events)
                {
                    yield return change;
                }

                before = now;
            }

            await Task.Delay(pause > MinPause ? pause : MinPause, time, cancellationToken);
        }
    }

    private async Task<IReadOnlyDictionary<string, EdgeView>?> TryListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await list(cancellationToken)).ToDictionary(edge => edge.Id, StringComparer.Ordinal);
        }
        catch (RegistryUnavailableException e)
        {
            LogAway(e.Message);
            return null;
        }
    }

    [LoggerMessage(4003, LogLevel.Debug, "The registry cannot be watched right now: {Reason}", EventName = "WatchAway")]
    private partial void LogAway(string reason);
}
