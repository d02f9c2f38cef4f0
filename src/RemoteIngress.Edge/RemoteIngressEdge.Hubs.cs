using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Hubs;

namespace RemoteIngress.Edge;

/// <content>Which hubs it has tunnels to.</content>
public sealed partial class RemoteIngressEdge
{
    private HubFollower? _hubs;

    private async Task LoadHubsAsync(CancellationToken cancellationToken)
    {
        await _hubs!.LoadAsync(cancellationToken);
        _loops!.Follow(_hubs.Wanted);
    }

    private HubFollower CreateFollower(Firewall.KnownPeers peers) =>
        new(_options, _notices.Hubs, peers, _time, _loggers.CreateLogger<HubFollower>());

    private Task StartFollowing() => _supervisor.Start("hubs", () => _hubs!.RunAsync(_loops!.Follow, _stopping.Token), _stopping.Token);
}
