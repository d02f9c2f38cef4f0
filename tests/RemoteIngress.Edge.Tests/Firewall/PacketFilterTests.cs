using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing;

namespace RemoteIngress.Edge.Tests.Firewall;

public sealed class PacketFilterTests : IDisposable
{
    private static readonly FirewallConfig One = new() { BlockedIps = ["192.0.2.1"] };
    private static readonly FirewallConfig Two = new() { BlockedIps = ["192.0.2.2"] };
    private static readonly HubAddress Named = new("hub.example.org", 8443);

    private readonly string _lockName = "remoteingress/test/" + Guid.NewGuid().ToString("N");
    private readonly ScriptedNft _nft = new();
    private readonly KnownPeers _peers = new(() => [IPAddress.Parse("192.0.2.53")]);
    private readonly FakeTimeProvider _time = new();
    private readonly List<PacketFilter> _filters = [];
    private readonly CancellationToken _token = Timeouts.Token();

    public void Dispose() => _filters.ForEach(filter => filter.Dispose());

    [Fact]
    public async Task Same_IsNotAppliedAgain_AndNothingIsToldOfIt()
    {
        var filter = await StartAsync();

        Assert.True(await filter.ApplyAsync(One, _token));
        Assert.False(await filter.ApplyAsync(new FirewallConfig { BlockedIps = ["192.0.2.1/32", "192.0.2.1"] }, _token));
        Assert.True(await filter.ApplyAsync(Two, _token));

        Assert.Equal([Script(One), Script(Two)], _nft.Scripts);
        Assert.Equal(2, filter.Counters.Applied);
    }

    [Fact]
    public async Task Refused_LastGoodStays_AndIsKnownToBeThere()
    {
        var filter = await StartAsync();
        await filter.ApplyAsync(One, _token);
        Refuse("no such thing");

        Assert.True(await filter.ApplyAsync(Two, _token));
        Assert.False(await filter.ApplyAsync(Two, _token));

        Assert.Equal(FirewallState.Failed("no such thing"), filter.State);
        Assert.True(filter.NeedsRetry);
        Assert.Equal(new FirewallResult { Mode = "auto", State = "failed", Error = "no such thing" }, filter.Result(Two));
        Assert.True(await filter.ApplyAsync(One, _token));
        Assert.Equal(FirewallState.Applied, filter.State);
        Assert.Equal([Script(One), Script(Two), Script(Two)], _nft.Scripts);
    }

    [Fact]
    public async Task NotUnderstood_GoesNeverToNft()
    {
        var filter = await StartAsync();

        await filter.ApplyAsync(new FirewallConfig { BlockedIps = ["x"] }, _token);

        Assert.Equal("failed", filter.State.Word);
        Assert.Contains("blockedIps[0]", filter.State.Error);
        Assert.Empty(_nft.Scripts);
    }

    [Fact]
    public async Task Killed_MayHaveApplied_SoTheLastGoodIsAppliedAgain()
    {
        var filter = await StartAsync();
        await filter.ApplyAsync(One, _token);
        _nft.Answer = _ => Task.FromResult(NftResult.Failed("too slow", isUnknown: true));
        await filter.ApplyAsync(Two, _token);
        _nft.Answer = _ => Task.FromResult(new NftResult("", null));

        await filter.ApplyAsync(One, _token);

        Assert.Equal([Script(One), Script(Two), Script(One)], _nft.Scripts);
    }

    [Fact]
    public async Task Unavailable_IsToldOnceAndOnlyWhenAskedFor_AndHealsWhenItCanBeHad()
    {
        Refuse("not installed");
        var filter = await StartAsync();
        Assert.Equal(FirewallState.Unavailable("not installed"), filter.State);

        Assert.False(await filter.ApplyAsync(null, _token));
        Assert.False(filter.NeedsRetry);
        Assert.True(await filter.ApplyAsync(One, _token));
        Assert.False(await filter.ApplyAsync(One, _token));
        Assert.True(filter.NeedsRetry);
        Assert.Empty(_nft.Scripts);

        _nft.Answer = _ => Task.FromResult(new NftResult("", null));
        Assert.True(await filter.ApplyAsync(One, _token));
        Assert.Equal(FirewallState.Applied, filter.State);
    }

    [Fact]
    public async Task Nothing_TakesTheTableAway_AndIsNothingToDoWithoutOne()
    {
        var filter = await StartAsync();
        await filter.ApplyAsync(new FirewallConfig(), _token);
        Assert.Equal(FirewallState.Applied, filter.State);
        Assert.Empty(_nft.Scripts);
        await filter.ApplyAsync(One, _token);

        await filter.ApplyAsync(null, _token);

        Assert.Equal([Script(One), FirewallRenderer.Removal], _nft.Scripts);
        Assert.Equal(FirewallState.Inactive, filter.State);
        Assert.Null(await filter.StopAsync());
        Assert.Equal(2, _nft.Scripts.Count);
    }

    [Fact]
    public async Task Leftover_IsKept_LetsTheHubsThrough_AndGoesWithTheFirstSnapshotWithoutRules()
    {
        _peers.Expect([new HubAddress("192.0.2.9", 8443)]);
        _nft.Tables = "table inet other\ntable inet remoteingress\n";
        var filter = await StartAsync();
        Assert.Equal(FirewallState.Kept, filter.State);

        await filter.ApplyAsync(null, _token);

        Assert.Equal([FirewallRenderer.RenderPeers([IPEndPoint.Parse("192.0.2.9:8443")]), FirewallRenderer.Removal], _nft.Scripts);
        Assert.Equal(FirewallState.Inactive, filter.State);
    }

    [Fact]
    public async Task Leftover_ThatCannotLetHubsThrough_GoesAtOnce()
    {
        _nft.Tables = "table inet remoteingress";
        _nft.Answer = script => Task.FromResult(script.StartsWith("flush", StringComparison.Ordinal) ? NftResult.Failed("no such set") : new NftResult("", null));

        var filter = await StartAsync();

        Assert.Equal(FirewallRenderer.Removal, _nft.Scripts[^1]);
        Assert.Equal(FirewallState.Inactive, filter.State);
    }

    [Fact]
    public async Task HubMoved_ItsNewAddressIsLetThroughWhileTheOldStays()
    {
        var filter = await StartAsync();
        _peers.Expect([Named]);
        _peers.Learn(Named, [IPAddress.Parse("203.0.113.1")]);
        await filter.ApplyAsync(One, _token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_token);
        var running = filter.RunAsync(stop.Token);

        _peers.Learn(Named, [IPAddress.Parse("203.0.113.2"), IPAddress.Parse("2001:db8::2")]);

        var expected = FirewallRenderer.RenderPeers(
        [
            IPEndPoint.Parse("203.0.113.1:8443"), IPEndPoint.Parse("203.0.113.2:8443"), IPEndPoint.Parse("[2001:db8::2]:8443"), IPEndPoint.Parse("192.0.2.53:53"),
        ]);
        await Poll.UntilAsync("the new address is let through", () => _nft.Scripts[^1] == expected, _token);
        await StopAsync(stop, running);
    }

    [Fact]
    public async Task FlushedBySomebody_IsPutBackWithinAMinute()
    {
        var filter = await StartAsync();
        await filter.ApplyAsync(One, _token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_token);
        var running = filter.RunAsync(stop.Token);
        _nft.Answer = script => Task.FromResult(script.StartsWith("flush", StringComparison.Ordinal) ? NftResult.Failed("no such table") : new NftResult("", null));

        await Poll.UntilAsync(
            "the table is put back",
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(61));
                return _nft.Scripts.Count >= 3;
            },
            _token);

        Assert.StartsWith("flush set", _nft.Scripts[1]);
        Assert.Equal(Script(One), _nft.Scripts[2]);
        Assert.Equal(FirewallState.Applied, filter.State);
        await StopAsync(stop, running);
    }

    [Fact]
    public async Task AnotherEdge_HasTheTable_UntilItStops()
    {
        var first = await StartAsync();
        await first.ApplyAsync(One, _token);
        var second = await StartAsync();
        var required = await StartAsync(FirewallMode.Required);

        await second.ApplyAsync(Two, _token);

        Assert.Equal(FirewallState.Unavailable(PacketFilter.InUse), second.State);
        Assert.Equal(FirewallState.Unavailable(PacketFilter.InUse), required.State);
        Assert.Equal([Script(One)], _nft.Scripts);
        await first.StopAsync();
        Assert.True(await second.ApplyAsync(Two, _token));
        Assert.Equal([Script(One), FirewallRenderer.Removal, Script(Two)], _nft.Scripts);
    }

    [Fact]
    public async Task Off_DoesNothingAndSaysSo()
    {
        _nft.Tables = "table inet remoteingress";
        var filter = await StartAsync(FirewallMode.Off);

        Assert.False(await filter.ApplyAsync(One, _token));
        await filter.RunAsync(_token);
        await filter.StopAsync();

        Assert.Empty(_nft.Scripts);
        Assert.Equal("off", filter.Result(One)!.State);
        Assert.Null(filter.Result(null));
    }

    private static async Task StopAsync(CancellationTokenSource stop, Task running)
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private string Script(FirewallConfig config) => FirewallRenderer.Render(FirewallRenderer.RenderRules(FirewallReader.Read(config, out _)!), _peers.Current);

    private void Refuse(string words) => _nft.Answer = _ => Task.FromResult(NftResult.Failed(words));

    private async Task<PacketFilter> StartAsync(FirewallMode mode = FirewallMode.Auto)
    {
        var filter = new PacketFilter(mode, _nft, new TableLock(_lockName), _peers, _time, NullLogger<PacketFilter>.Instance);
        _filters.Add(filter);
        await filter.StartAsync(_token);
        return filter;
    }
}
