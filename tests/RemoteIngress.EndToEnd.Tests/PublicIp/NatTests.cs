using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.PublicIp;

/// <summary>An edge in a private network, a router that translates addresses, and outside of it coturn and the hub: three networks, real processes.</summary>
public sealed class NatTests : IAsyncDisposable
{
    private const string HubAddress = "10.77.2.2";
    private const string HubAddressV6 = "fd77:2::2";
    private const string AdminToken = "an-admin-token-of-the-tests";
    private const int Port = 8080;

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly CancellationToken _token = Timeouts.Token();

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync();
        }
    }

    [Theory]
    [InlineData(HubAddress, "10.77.2.1", "ipv4")]
    [InlineData(HubAddressV6, "fd77:2::1", "ipv6")]
    public async Task BehindNat_EdgeAndHubShowTheTranslatedAddress(string stunAddress, string expected, string family)
    {
        var (inside, outside) = await BuildAsync();
        var stun = new IPEndPoint(IPAddress.Parse(stunAddress), 3478);
        Own(await TurnServerTool.StartAsync(stun, outside, _token));
        var hub = await StartHubAsync(outside);
        var edge = await StartEdgeAsync(inside, stun.ToString());
        using var ofEdge = NetworkNamespace.CreateHttpClient(inside);
        using var ofHub = NetworkNamespace.CreateHttpClient(outside);
        ofHub.DefaultRequestHeaders.Authorization = new("Bearer", AdminToken);

        var status = await UntilAsync(ofEdge, "http://127.0.0.1:9081/status", status => Text(status, "publicIp") is not null, edge);
        var connected = (await UntilAsync(ofHub, "http://127.0.0.1:9080/api/v1/status", status => Text(EdgeOf(status), "publicIp") is not null, hub))
            .GetProperty("connectedEdges")[0];

        Assert.Equal(expected, Text(status, "publicIp"));
        var details = status.GetProperty("stun");
        Assert.Equal(("ok", expected, stun.ToString(), null), (Text(details, "state"), Text(details, family), Text(details, "server"), Text(details, "error")));
        Assert.Equal(expected, Text(connected, "publicIp"));
        Assert.StartsWith("remoteingress/", Text(connected, "software"));
        Assert.Equal(0, connected.GetProperty("report").GetProperty("activeStreams").GetInt32());
        Assert.StartsWith("10.77.2.1:", Text(connected, "remoteAddress"));
        Assert.Single(edge.ErrorLines, line => line.Contains($"public address {expected}", StringComparison.Ordinal));
        await EchoAsync(inside);
    }

    [Fact]
    public async Task NoWayToTheServer_EverythingElseWorks_AndOneLineSaysSo()
    {
        var (inside, outside) = await BuildAsync();
        var hub = await StartHubAsync(outside);
        var edge = await StartEdgeAsync(inside, "[2001:db8::1]:3478");
        using var ofEdge = NetworkNamespace.CreateHttpClient(inside);

        var status = await UntilAsync(
            ofEdge, "http://127.0.0.1:9081/status", status => status.GetProperty("connected").GetBoolean() && Text(status.GetProperty("stun"), "state") == "failed", edge);

        Assert.Null(Text(status, "publicIp"));
        Assert.Equal("Network is unreachable", Text(status.GetProperty("stun"), "error"));
        await UntilAsync(ofEdge, "http://127.0.0.1:9081/status", status => status.GetProperty("listenPorts").GetArrayLength() == 1, edge);
        await EchoAsync(inside);
        Assert.Single(edge.ErrorLines, line => line.Contains("does not tell the public address", StringComparison.Ordinal));
        Assert.Equal(0, await edge.TerminateAsync(_token));
        Assert.Equal(0, await hub.TerminateAsync(_token));
    }

    private async Task<(NetworkNamespace Inside, NetworkNamespace Outside)> BuildAsync()
    {
        var inside = Own(await NetworkNamespace.CreateAsync("inside", _token));
        var router = Own(await NetworkNamespace.CreateAsync("router", _token));
        var outside = Own(await NetworkNamespace.CreateAsync("outside", _token));
        await inside.LinkAsync(router, ["10.77.1.2/24", "fd77:1::2/64"], ["10.77.1.1/24", "fd77:1::1/64"], _token);
        await router.LinkAsync(outside, ["10.77.2.1/24", "fd77:2::1/64"], [HubAddress + "/24", HubAddressV6 + "/64"], _token);
        await RunAsync(inside, "ip", "route", "add", "default", "via", "10.77.1.1");
        await RunAsync(inside, "ip", "-6", "route", "add", "fd77:2::/64", "via", "fd77:1::1");
        router.Run(() =>
        {
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
            return true;
        });
        await RunAsync(router, "nft", "add table inet nat; add chain inet nat post { type nat hook postrouting priority 100 ; }");
        await RunAsync(router, "nft", "add rule inet nat post ip saddr 10.77.1.0/24 masquerade; add rule inet nat post ip6 saddr fd77:1::/64 masquerade");
        return (inside, outside);
    }

    private async Task<ExternalProcess> StartHubAsync(NetworkNamespace network)
    {
        var target = Own(network.Run(static () => new TargetServer(Handlers.EchoAsync)));
        var edges = EdgeSpec.ToJson(new EdgeSpec("nat-1", "a secret of the tests") { Ports = [new PortSpec(Port, target.EndPoint.ToString())] });
        var hub = Own(network.Run(() => new RemoteIngressProcess(
            ["hub", "--tunnel-address", HubAddress],
            new Dictionary<string, string> { ["REMOTEINGRESS_ALLOWED_EDGES_JSON"] = edges, ["REMOTEINGRESS_ADMIN_TOKEN"] = AdminToken })));
        await hub.WaitForLineAsync("is ready", static line => line.Contains(" is ready: "), _token);
        return hub;
    }

    private async Task<ExternalProcess> StartEdgeAsync(NetworkNamespace network, string stunServer)
    {
        var edge = Own(network.Run(() => new RemoteIngressProcess(
            ["edge", "--hub", $"{HubAddress}:8443", "--edge-id", "nat-1", "--transport", "tcpTls", "--stun-server", stunServer],
            new Dictionary<string, string> { ["REMOTEINGRESS_SECRET"] = "a secret of the tests" })));
        await edge.WaitForLineAsync("is ready", static line => line.Contains(" is ready: "), _token);
        return edge;
    }

    private async Task EchoAsync(NetworkNamespace network)
    {
        using var socket = network.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await socket.ConnectAsync(IPAddress.Loopback, Port, _token);
        await socket.SendAsync("through it all"u8.ToArray(), SocketFlags.None, _token);
        var buffer = new byte[14];
        await using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(buffer, _token);
        Assert.Equal("through it all", Encoding.ASCII.GetString(buffer));
    }

    private async Task<JsonElement> UntilAsync(HttpClient client, string url, Func<JsonElement, bool> condition, ExternalProcess process)
    {
        JsonElement status = default;
        await Poll.UntilAsync(
            $"{url}\n{process.Text}",
            async token =>
            {
                status = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(new Uri(url), token));
                return condition(status);
            },
            _token);
        return status;
    }

    private async Task RunAsync(NetworkNamespace network, string program, params string[] arguments)
    {
        var (exitCode, output, error) = await network.ExecAsync(program, arguments, _token);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{error}");
    }

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private static JsonElement EdgeOf(JsonElement status) =>
        status.GetProperty("connectedEdges") is var edges && edges.GetArrayLength() > 0 ? edges[0] : default;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
