using System.Globalization;
using System.Net;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Udp;

/// <summary>Real DNS through the tunnel, to servers that refuse what has no PROXY header.</summary>
public sealed class DnsTests : IDisposable
{
    private const string Client = "127.0.0.9";

    private readonly TempDirectory _files = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dig_ThroughTheEdge_IsAnsweredAndTheServerSeesItsAddress(bool dnsdist)
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(60));
        await using var server = dnsdist ? await DnsTool.StartDnsdistAsync(token) : await DnsTool.StartRecursorAsync(token);
        var port = TunnelFixture.UdpPort(new IPEndPoint(IPAddress.Loopback, server.Port), "v2-every");
        await using var tunnel = await StartAsync(token, port);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((0, DnsTool.Address), await DigAsync(Client, port.Port, token));
        }

        await Poll.UntilAsync($"it logs the client\n{server.Log}", () => server.Log.Contains(Client, StringComparison.Ordinal), token);

        // from where the hub's datagrams come nobody is served without the header, so the answers above are its doing
        var (exitCode, _) = await DigAsync("127.0.0.1", server.Port, token);
        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task Dnsperf_LosesNothing()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(60));
        await using var server = await DnsTool.StartDnsdistAsync(token);
        var port = TunnelFixture.UdpPort(new IPEndPoint(IPAddress.Loopback, server.Port), "v2-every");
        await using var tunnel = await StartAsync(token, port);
        var queries = _files.Write("queries", "www.example.test A\nmail.example.test A\n");

        var (exitCode, text, error) = await Tool.RunAsync(
            "dnsperf", ["-s", "127.0.0.1", "-p", $"{port.Port}", "-d", queries, "-l", "2", "-c", "20", "-q", "50"], token);

        Assert.True(exitCode == 0, error);
        Assert.Equal(0, Number(text, "Queries lost:"));
        Assert.True(Number(text, "Queries completed:") > 100, text);
        Assert.Equal(Number(text, "Queries completed:"), Number(text, "NOERROR"));
        TestContext.Current.SendDiagnosticMessage(text);
    }

    public void Dispose() => _files.Dispose();

    private Task<TunnelFixture> StartAsync(CancellationToken token, params PortSpec[] ports) =>
        TunnelFixture.StartAsync(ports, [], ["--performance", _files.Write("edge.json", """{"udpIdleSeconds":1}""")], token);

    private static async Task<(int ExitCode, string Answer)> DigAsync(string from, int port, CancellationToken token)
    {
        var (exitCode, text, _) = await Tool.RunAsync(
            "dig", ["-b", from, "@127.0.0.1", "-p", $"{port}", "+short", "+tries=1", "+time=2", "www.example.test", "A"], token);
        return (exitCode, text.Trim());
    }

    // "  Queries lost:         0 (0.00%)", "  Response codes:       NOERROR 5000 (100.00%)"
    private static long Number(string text, string label)
    {
        var rest = text[(text.IndexOf(label, StringComparison.Ordinal) + label.Length)..].TrimStart();
        return long.Parse(rest[..rest.IndexOfAny([' ', '\n'])], CultureInfo.InvariantCulture);
    }
}
