using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;

namespace RemoteIngress.Hub.Registry.Push;

/// <summary>
/// Calls the push service of every active silo. A broadcast and not a list of subscribers, because there is then none to lose; what a
/// silo has no tunnel for it drops.
/// </summary>
internal sealed partial class EdgePush(
    IEdgePushClient client, IClusterMembershipService membership, HubDirectory hubs, TimeProvider time, ILogger<EdgePush> logger) : IEdgePush
{
    private const int Attempts = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    public void Changed(EdgeRecord record) => Broadcast(record.EdgeId, service => service.ChangedAsync(record));

    public void Removed(string edgeId, long generation) => Broadcast(edgeId, service => service.RemovedAsync(edgeId, generation));

    public IReadOnlyDictionary<string, string?> ActiveHubs()
    {
        var runs = hubs.Runs;
        return ActiveMembers().Select(member => member.Name).Distinct(StringComparer.Ordinal).ToDictionary(
            name => name, name => runs.GetValueOrDefault(name), StringComparer.Ordinal);
    }

    private IEnumerable<ClusterMember> ActiveMembers() =>
        membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active);

    private void Broadcast(string edgeId, Func<IEdgePushService, Task> call)
    {
        foreach (var member in ActiveMembers())
        {
            _ = PushAsync(member.SiloAddress, edgeId, call);
        }
    }

    private async Task PushAsync(SiloAddress silo, string edgeId, Func<IEdgePushService, Task> call)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await call(client.At(silo));
                return;
            }
            catch (Exception e) when (RegistryFailures.IsUnavailable(e))
            {
                if (attempt == Attempts || !ActiveMembers().Any(member => member.SiloAddress.Equals(silo)))
                {
                    LogPushFailed(edgeId, silo, e.GetType().Name);
                    return;
                }
            }

            await Task.Delay(pause, time);
            pause *= 2;
        }
    }

    [LoggerMessage(3210, LogLevel.Warning, "Telling {Silo} of the change of edge {EdgeId} failed ({Reason}); its poll will find it", EventName = "PushFailed")]
    private partial void LogPushFailed(string edgeId, SiloAddress silo, string reason);
}
