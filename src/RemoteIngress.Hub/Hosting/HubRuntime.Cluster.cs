using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;

namespace RemoteIngress.Hub.Hosting;

/// <content>This hub as the others of its cluster see it.</content>
internal sealed partial class HubRuntime : ILocalHub
{
    private readonly string _instanceId = Guid.NewGuid().ToString("N");
    private readonly CancellationTokenSource _stopping = new();
    private Task _tellingHubs = Task.CompletedTask;
    private volatile string _state = HubView.Starting;

    string ILocalHub.HubId => _options.HubId;

    string ILocalHub.InstanceId => _instanceId;

    HubView ILocalHub.Describe()
    {
        var (edges, tunnels) = _directory.Count();
        return new HubView
        {
            HubId = _options.HubId,
            InstanceId = _instanceId,
            State = _state,
            Advertise = _options.Advertise,
            Software = Software,
            Edges = edges,
            Tunnels = tunnels,
            ActiveStreams = _counts.Sum(static loop => loop.ActiveConnections),
            ActiveUdpSessions = _udp.Sum(static counts => counts.Sessions),
        };
    }

    ImmutableArray<HeldEdge> ILocalHub.HeldEdges() => _directory.Held();

    void ILocalHub.RequestDrain() => _drain();

    private void Become(string state)
    {
        _state = state;
        _hubs.OwnChanged();
    }

    private void StartTellingHubs(HubListPush push) =>
        _tellingHubs = _supervisor.Start("hub list", () => push.RunAsync(_stopping.Token), _stopping.Token);

    private async Task EndTellingHubsAsync()
    {
        await _stopping.CancelAsync();
        await _tellingHubs;
    }
}
