using System.Net;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Traffic;

public sealed class ProxyHeaderTests
{
    private const string Request = "GET / HTTP/1.0\r\n\r\n";

    [Theory]
    [InlineData("v1", "127.0.0.1", "127.0.0.5")]
    [InlineData("v2", "127.0.0.1", "127.0.0.5")]
    [InlineData("v1", "::1", "::1")]
    [InlineData("v2", "::1", "::1")]
    public async Task Haproxy_ToldByThePort_KnowsTheClient(string version, string server, string source)
    {
        var token = Timeouts.Token();
        await using var haproxy = await HaproxyTool.StartAsync(token);
        var port = TunnelFixture.Port(haproxy.Port, version);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(IPAddress.Parse(server), port.Port, token, IPAddress.Parse(source));
        var from = client.LocalEndPoint;

        await client.SendAsync(Request, token);

        Assert.Contains($"src={from.Address} sport={from.Port} dst={server} dport={port.Port} ", await client.ReceiveToEndAsync(token));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Nginx_ToldByThePort_KnowsTheClient(string version)
    {
        var token = Timeouts.Token();
        await using var nginx = await NginxTool.StartAsync(token);
        var port = TunnelFixture.Port(nginx.Port, version);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(IPAddress.Loopback, port.Port, token, IPAddress.Parse("127.0.0.6"));
        var from = client.LocalEndPoint;

        await client.SendAsync(Request, token);

        Assert.Contains($"src=127.0.0.6 sport={from.Port} dst=127.0.0.1 dport={port.Port}", await client.ReceiveToEndAsync(token));
    }

    [Fact]
    public async Task Haproxy_WrongCrc32C_IsRefusedAndOursIsAccepted()
    {
        var token = Timeouts.Token();
        await using var haproxy = await HaproxyTool.StartAsync(token);
        var header = HeaderWithCrc();
        var broken = HeaderWithCrc();
        broken[20] ^= 1;

        Assert.Contains("src=192.0.2.7 sport=4711", await AskAsync(haproxy.Port, header, token));
        Assert.Equal("", await AskAsync(haproxy.Port, broken, token));

        await using var target = new TargetServer(Handlers.WhoAsync);
        var (viaHaproxy, viaTarget) = (TunnelFixture.Port(haproxy.Port, "v2"), TunnelFixture.Port(target.EndPoint, "v2"));
        await using var tunnel = await TunnelFixture.StartAsync(token, viaHaproxy, viaTarget);
        Assert.Contains("src=127.0.0.1", await AskAsync(viaHaproxy.Port, [], token));
        await AskAsync(viaTarget.Port, [], token);
        Assert.All(target.Headers, sent => Assert.True(sent.TryGetTlv(ProxyTlvType.Crc32C, out _)));
        Assert.All(target.Headers, sent => Assert.True(sent.TryGetTlv(ProxyTlvType.UniqueId, out var id) && id.Length > 0));
    }

    [Fact]
    public async Task None_TargetGetsTheClientsBytesAlone()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync, expectsHeader: false);
        var port = TunnelFixture.Port(target.EndPoint, "none");
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        await client.EchoAsync("nothing in front of this", token);
    }

    [Fact]
    public async Task Confirmed_ClientThatSpeaksFirst_IsServed()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint, open: "confirmed");
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        await client.EchoAsync("held until OPENED", token);
    }

    private static byte[] HeaderWithCrc()
    {
        var header = new ProxyHeader
        {
            Command = ProxyCommand.Proxy,
            Transport = ProxyTransport.Stream,
            Family = ProxyAddressFamily.IPv4,
            Source = IPEndPoint.Parse("192.0.2.7:4711"),
            Destination = IPEndPoint.Parse("192.0.2.8:80"),
        };
        var buffer = new byte[ProxyV2.MaxWriteLength];
        return buffer[..ProxyV2.Write(buffer, header, crc32c: true)];
    }

    /// <summary>The whole answer; empty when the server ended or reset the connection without one.</summary>
    private static async Task<string> AskAsync(int port, byte[] header, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port, token);
        try
        {
            await client.SendAsync(header, token);
            await client.SendAsync(Request, token);
            client.EndWriting();
            return await client.ReceiveToEndAsync(token);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return "";
        }
    }
}
