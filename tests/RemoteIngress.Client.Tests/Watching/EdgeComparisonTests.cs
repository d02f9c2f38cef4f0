using RemoteIngress.Contracts;

namespace RemoteIngress.Client.Tests.Watching;

public sealed class EdgeComparisonTests
{
    [Fact]
    public void What_comes_goes_and_changes_is_told_once_each_in_the_order_of_ids()
    {
        var before = Views(View("a", 1), View("b", 1), View("c", 1), View("d", 1, "hub-1"));
        var now = Views(View("b", 2), View("c", 1), View("d", 2, "hub-1", "hub-2"), View("e", 1));

        var events = EdgeComparison.Compare(before, now).Select(change => (change.Kind, change.EdgeId, change.Edge.Generation));

        Assert.Equal(
            [
                (EdgeEventKind.Removed, "a", 1), (EdgeEventKind.Updated, "b", 2), (EdgeEventKind.Updated, "d", 2),
                (EdgeEventKind.PresenceChanged, "d", 2), (EdgeEventKind.Created, "e", 1),
            ],
            events);
    }

    [Fact]
    public void The_same_in_new_objects_is_no_change()
    {
        var views = () => Views(View("a", 1, "hub-1"), View("b", 1));

        Assert.Empty(EdgeComparison.Compare(views(), views()));
    }

    [Fact]
    public void An_acknowledgement_is_a_change_of_presence()
    {
        var before = View("a", 1, "hub-1");
        var now = before with { Observed = [before.Observed[0] with { Acknowledgement = before.Observed[0].Acknowledgement! with { Generation = 1 } }] };

        Assert.Equal([EdgeEventKind.PresenceChanged], EdgeComparison.Compare(Views(before), Views(now)).Select(change => change.Kind));
    }

    internal static EdgeView View(string id, long generation, params string[] hubs) => new()
    {
        Id = id,
        Generation = generation,
        HasSecret = true,
        Settings = new EdgeSettings { ListenPorts = [80] },
        Observed = [.. hubs.Select(hub => new EdgeObservation
        {
            HubId = hub,
            InstanceId = "i-1",
            ConnectedAt = DateTimeOffset.UnixEpoch,
            Acknowledgement = new EdgeAcknowledgement
            {
                HubId = hub,
                InstanceId = "i-1",
                Generation = 0,
                At = DateTimeOffset.UnixEpoch,
                Ports = [new PortResult(80, "tcp", Bound: true)],
            },
        })],
    };

    private static Dictionary<string, EdgeView> Views(params EdgeView[] views) => views.ToDictionary(view => view.Id);
}
