using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Hub.Tests.Cluster;

public sealed class HubDirectoryTests
{
    private readonly FakeHub _own = new("hub-b");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddSeconds(100));
    private readonly HubDirectory _hubs;

    public HubDirectoryTests() => _hubs = new HubDirectory(_own, Supervisors.Create(), _time);

    [Fact]
    public async Task Edges_are_told_of_hubs_that_take_tunnels_and_have_an_address()
    {
        _hubs.OwnChanged();
        await _hubs.WaitForNewsAsync(Timeouts.Token());
        Assert.Equal(["hub-b:8443"], _hubs.List.Names);
        Assert.Equal(100_000, _hubs.List.Version);

        _hubs.Update(
        [
            Other("hub-c", HubView.Ready, "c:1"), Other("hub-a", HubView.Ready, "a:1"), Other("hub-d", HubView.Draining, "d:1"),
            Other("hub-e", HubView.Starting, "e:1"), Other("hub-f", HubView.Ready, null),
        ]);

        await _hubs.WaitForNewsAsync(Timeouts.Token());
        Assert.Equal(["a:1", "hub-b:8443", "c:1"], _hubs.List.Names);
        Assert.Equal(100_001, _hubs.List.Version);
        Assert.Equal(["hub-a", "hub-b", "hub-c", "hub-d", "hub-e", "hub-f"], _hubs.All().Select(hub => hub.HubId));
    }

    [Fact]
    public void A_hub_that_drains_names_the_others_alone_and_news_are_only_what_edges_must_hear()
    {
        _hubs.Update([Other("hub-a", HubView.Ready, "a:1")]);
        var before = _hubs.List;
        _hubs.Update([Other("hub-a", HubView.Ready, "a:1") with { Tunnels = 7 }]);
        Assert.Same(before, _hubs.List);

        _own.View = _own.View with { State = HubView.Draining };
        _hubs.OwnChanged();

        Assert.Equal(["a:1"], _hubs.List.Names);
        Assert.True(_hubs.List.Version > before.Version);
    }

    [Fact]
    public void So_many_hubs_are_named_and_no_more()
    {
        _hubs.Update([.. Enumerable.Range(1, 100).Select(i => Other($"hub-{i}", HubView.Ready, $"h:{i}"))]);

        Assert.Equal(HubDirectory.MaxNames, _hubs.List.Names.Count);
    }

    private static HubView Other(string id, string state, string? advertise) =>
        new() { HubId = id, InstanceId = id + "/1", State = state, Advertise = advertise };
}
