using System.Net;
using System.Text;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Registry;

public sealed class RotationTests
{
    private const int OverlapSeconds = 8;
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task SecretRotatedWithAnOverlap_BothAreServedThenTheTunnelsOfTheOldOneEnd()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec(port)] }, token);
        await using var old = NewEdge(hub, IPAddress.Loopback, TunnelFixture.Secret);
        await old.WaitForPortsAsync([port.Port], token);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("before", token);

        var (secret, end) = await RotateAsync(hub, token);
        await using var young = NewEdge(hub, Second, secret);
        await Poll.UntilAsync("the new one listens", cancellation => EchoesAsync(Second, port.Port, cancellation), token);

        // while both count: the connection from before lives, both take new ones, and the old one may even start anew
        await client.EchoAsync("during", token);
        Assert.True(await EchoesAsync(IPAddress.Loopback, port.Port, token));
        Assert.Equal(2, (await hub.ConnectedEdgesAsync(token)).Count);
        Assert.True(DateTimeOffset.UtcNow < end, "the machine was too slow for this test's overlap");

        // what was authenticated by the old secret ends at the set time, and not before
        await EndAsync(client, token);
        var late = DateTimeOffset.UtcNow - end;
        TestContext.Current.TestOutputHelper?.WriteLine($"ended {late.TotalMilliseconds:0} ms after the time that was said");
        Assert.InRange(late, TimeSpan.FromMilliseconds(-5), TimeSpan.FromSeconds(10));
        await Poll.UntilAsync("one is left", async cancellation => (await hub.ConnectedEdgesAsync(cancellation)).Count == 1, token);
        Assert.True(await EchoesAsync(Second, port.Port, token));
        await old.Process.WaitForLineAsync("the refusal", line => line.Contains("secret", StringComparison.OrdinalIgnoreCase), token);
        Assert.False(await old.IsConnectedAsync(token));
    }

    private static EdgeFixture NewEdge(HubFixture hub, IPAddress address, string secret) =>
        new(hub.Setup.TunnelPort, TunnelFixture.EdgeId, secret, "--bind-address", address.ToString());

    private static async Task<(string Secret, DateTimeOffset End)> RotateAsync(HubFixture hub, CancellationToken token)
    {
        using var body = new StringContent($$"""{"overlapSeconds":{{OverlapSeconds}}}""", Encoding.UTF8, "application/json");
        using var response = await hub.Api.PostAsync(new Uri($"edges/{TunnelFixture.EdgeId}/rotate-secret", UriKind.Relative), body, token);
        var answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(token));
        return (answer.GetProperty("secret").GetString()!, answer.GetProperty("oldSecretValidUntil").GetDateTimeOffset());
    }

    private static async Task<bool> EchoesAsync(IPAddress address, int port, CancellationToken token)
    {
        try
        {
            using var client = await TestClient.ConnectAsync(address, port, token);
            await client.EchoAsync("hello", token);
            return true;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or EndOfStreamException)
        {
            return false;
        }
    }

    private static async Task EndAsync(TestClient client, CancellationToken token)
    {
        try
        {
            Assert.Equal(0, await client.ReceiveAsync(new byte[1], token));
        }
        catch (System.Net.Sockets.SocketException)
        {
            // by a reset
        }
    }
}
