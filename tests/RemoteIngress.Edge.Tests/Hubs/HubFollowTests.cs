using System.Net.Sockets;
using RemoteIngress.Edge.Hubs;
using RemoteIngress.Edge.Tests.Forwarding;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Handshake;

namespace RemoteIngress.Edge.Tests.Hubs;

/// <summary>An edge follows what hubs say of each other, by the rules of docs/protocol.md.</summary>
public sealed class HubFollowTests
{
    [Fact]
    public async Task Welcome_NamesAnotherHub_EdgeDialsIt()
    {
        await using var given = ScriptedHub.Start("given");
        await using var named = ScriptedHub.Start("named");
        given.Named = new HubList([given.Address.ToString(), named.Address.ToString()], 1);
        await using var edge = await EdgeHarness.StartAsync([given]);

        await named.NextSessionAsync(edge.Token);
        await edge.WaitForTunnelsAsync((given.Address, "ready"), (named.Address, "ready"));
    }

    [Fact]
    public async Task Config_OfTheGenerationInForce_NamesAnotherHub_EdgeDialsItOnEveryLoop()
    {
        await using var given = ScriptedHub.Start("given");
        await using var named = ScriptedHub.Start("named");
        await using var edge = await EdgeHarness.StartAsync([given], change: options =>
        {
            options.Loops = 2;
            return options;
        });

        given.NameHubs(1, given.Address, named.Address);

        await named.NextSessionAsync(edge.Token);
        await named.NextSessionAsync(edge.Token);
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal([given.Address.ToString(), named.Address.ToString()], status.Tunnels.Select(tunnel => tunnel.Hub));
        Assert.Equal(1, status.Generation);
    }

    [Fact]
    public async Task HubsDiffer_EdgeHasTunnelsToAllThatAnyNames()
    {
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var three = ScriptedHub.Start("three");
        await using var edge = await EdgeHarness.StartAsync([one]);
        one.NameHubs(1, one.Address, two.Address);
        two.Named = new HubList([two.Address.ToString(), three.Address.ToString()], 1);

        await three.NextSessionAsync(edge.Token);

        await edge.WaitForTunnelsAsync((one.Address, "ready"), (two.Address, "ready"), (three.Address, "ready"));
    }

    [Fact]
    public async Task NobodyNamesAHubAnyMore_ItsOpenConnectionFinishes_NewOnesGoElsewhere()
    {
        await using var given = ScriptedHub.Start("given");
        await using var named = ScriptedHub.Start("named");
        await using var edge = await EdgeHarness.StartAsync([given]);
        given.NameHubs(1, given.Address, named.Address);
        await named.NextSessionAsync(edge.Token);
        var clients = new List<TcpClient>();
        while (named.Streams.IsEmpty)
        {
            clients.Add(await edge.ConnectAsync());
            await ScriptedHub.NextStreamOfAsync(given, named, edge.Token);
        }

        given.NameHubs(2, given.Address);
        await edge.WaitForTunnelsAsync((given.Address, "ready"), (named.Address, "draining"));
        using var fresh = await edge.ConnectAsync();
        await given.NextStreamAsync(edge.Token);

        Assert.True(named.Streams.TryDequeue(out var stream));
        stream.Post(s => s.Send("to the end"));
        stream.Post(s => s.Finish());
        Assert.Equal("to the end", await ForwardingTests.ReadAllAsync(clients[^1], edge));
        clients[^1].Dispose();
        await edge.WaitForTunnelsAsync((given.Address, "ready"));
        Assert.Equal(0, await named.CountAsync());
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task HubThatNamesNobody_AndHubsThatAreGone_TakeNoneAway()
    {
        await using var given = ScriptedHub.Start("given");
        await using var named = ScriptedHub.Start("named");
        await using var edge = await EdgeHarness.StartAsync([given]);
        given.NameHubs(1, given.Address, named.Address);
        await named.NextSessionAsync(edge.Token);

        given.NameHubs(2);
        await given.DisposeAsync();
        named.CutTunnels();

        await named.NextSessionAsync(edge.Token);
        using var client = await edge.ConnectAsync();
        await named.NextStreamAsync(edge.Token);
    }

    [Fact]
    public async Task MoreHubsThanMaxHubs_GivenOnesFirst()
    {
        await using var given = ScriptedHub.Start("given");
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var edge = await EdgeHarness.StartAsync([given], change: options => With(options, maxHubs: 2));

        given.NameHubs(1, one.Address, two.Address);

        var chosen = HubChoice.Choose([given.Address], [one.Address, two.Address], new Dictionary<HubAddress, string>(), 2, ScriptedHub.EdgeId);
        Assert.Equal(2, chosen.Count);
        await edge.WaitForTunnelsAsync([.. chosen.Select(hub => (hub, "ready"))]);
    }

    [Fact]
    public async Task TwoNamesOfOneHub_OneTunnel_OtherNameStandsBy_AndTakesOver()
    {
        await using var hub = ScriptedHub.Start();
        var second = new HubAddress("localhost", hub.Address.Port);
        hub.Named = new HubList([second.ToString()], 1);
        await using var edge = await EdgeHarness.StartAsync([hub]);

        await edge.WaitForTunnelsAsync((hub.Address, "ready"), (second, "standby"));
        Assert.Equal(1, await hub.CountAsync());
        using var client = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);

        hub.CutTunnels();
        await hub.NextSessionAsync(edge.Token);
        await edge.WaitForTunnelsAsync((hub.Address, "ready"), (second, "standby"));
        using var again = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);
    }

    [Fact]
    public async Task GivenNameComesUpAfterTheOther_OldConnectionsFinishOnTheirTunnel()
    {
        using var folder = new TemporaryFolder();
        await using var hub = ScriptedHub.Start();
        var second = new HubAddress("localhost", hub.Address.Port);
        await new HubListFile(folder.Path).WriteAsync([second], TestContext.Current.CancellationToken);
        hub.Holds = hello => hello.Lane == 0;
        var port = EdgeHarness.FreePort();
        hub.Snapshot = EdgeHarness.Snapshot(1, "eager", port);
        await using var edge = await EdgeHarness.StartAsync([hub.Address], port, options => With(options, dataDir: folder.Path));
        await hub.NextAckAsync(edge.Token);
        await edge.WaitForTunnelsAsync((hub.Address, "connecting"), (second, "ready"));
        using var client = await edge.ConnectAsync();
        var stream = await hub.NextStreamAsync(edge.Token);

        hub.LetIn();
        await edge.WaitForTunnelsAsync((hub.Address, "ready"), (second, "draining"));

        stream.Post(s => s.Send("not cut"));
        stream.Post(s => s.Finish());
        Assert.Equal("not cut", await ForwardingTests.ReadAllAsync(client, edge));
        client.Dispose();
        await edge.WaitForTunnelsAsync((hub.Address, "ready"), (second, "standby"));
    }

    [Fact]
    public async Task GivenHubIsDead_EdgeGetsInByTheHubsItRemembers()
    {
        using var folder = new TemporaryFolder();
        await using var given = ScriptedHub.Start("given");
        await using var named = ScriptedHub.Start("named");
        given.Named = new HubList([given.Address.ToString(), named.Address.ToString()], 1);
        var file = new HubListFile(folder.Path);
        await using (var first = await EdgeHarness.StartAsync([given], change: options => With(options, dataDir: folder.Path)))
        {
            await named.NextSessionAsync(first.Token);
            while ((await file.ReadAsync(first.Token)).Hubs.Count < 2)
            {
                first.Token.ThrowIfCancellationRequested();
            }
        }

        await given.DisposeAsync();
        await using var second = await EdgeHarness.StartAsync([given.Address], 0, options => With(options, dataDir: folder.Path));

        await named.NextSessionAsync(second.Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
    }

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("""{"version":2,"hubs":["h:1"]}""", "version 1")]
    [InlineData("""{"version":1,"hubs":["h:1"," "]}""", "no address")]
    [InlineData("""{"version":1}""", "version 1")]
    public async Task FileThatCannotBeUsed_IsIgnored_AndReplaced(string content, string error)
    {
        using var folder = new TemporaryFolder();
        var file = new HubListFile(folder.Path);
        await File.WriteAllTextAsync(file.Path, content, TestContext.Current.CancellationToken);
        var (hubs, problem) = await file.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Empty(hubs);
        Assert.Contains(error, problem!, StringComparison.Ordinal);

        await using var hub = ScriptedHub.Start();
        hub.Named = new HubList([hub.Address.ToString()], 1);
        await using var edge = await EdgeHarness.StartAsync([hub], change: options => With(options, dataDir: folder.Path));

        while (!(await file.ReadAsync(edge.Token)).Hubs.SequenceEqual([hub.Address]))
        {
            edge.Token.ThrowIfCancellationRequested();
        }
    }

    private static EdgeOptions With(EdgeOptions options, int maxHubs = 8, string? dataDir = null) => new()
    {
        Hubs = options.Hubs,
        MaxHubs = maxHubs,
        DataDir = dataDir,
        EdgeId = options.EdgeId,
        Secret = options.Secret,
        BindAddress = options.BindAddress,
        StatusUrl = options.StatusUrl,
        StunServer = options.StunServer,
        Loops = options.Loops,
        DatagramLoops = options.DatagramLoops,
        Transport = options.Transport,
        Firewall = options.Firewall,
    };
}
