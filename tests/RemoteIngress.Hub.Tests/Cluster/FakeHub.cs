using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;

namespace RemoteIngress.Hub.Tests.Cluster;

/// <summary>A hub that is as the test says.</summary>
internal sealed class FakeHub(string hubId) : ILocalHub
{
    private readonly TaskCompletionSource _drainAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HubView View { get; set; } = new()
    {
        HubId = hubId,
        InstanceId = Guid.NewGuid().ToString("N"),
        State = HubView.Ready,
        Advertise = $"{hubId}:8443",
    };

    public ImmutableArray<HeldEdge> Held { get; set; } = [];

    public string HubId => View.HubId;

    public string InstanceId => View.InstanceId;

    /// <summary>Completes when it was asked to drain.</summary>
    public Task DrainAsked => _drainAsked.Task;

    public HubView Describe() => View;

    public ImmutableArray<HeldEdge> HeldEdges() => Held;

    public void RequestDrain() => _drainAsked.TrySetResult();
}
