using System.Globalization;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Traffic;

public sealed class HttpLoadTests
{
    [Fact]
    public async Task Curl_ThroughTheTunnel_GetsNginxAnswer()
    {
        var token = Timeouts.Token();
        await using var nginx = await NginxTool.StartAsync(token);
        var port = TunnelFixture.Port(nginx.Port);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);

        var (exitCode, answer, _) = await Tool.RunAsync("curl", ["-sS", "--noproxy", "*", "--interface", "127.0.0.3", $"http://127.0.0.1:{port.Port}/"], token);

        Assert.Equal(0, exitCode);
        Assert.Contains("src=127.0.0.3 ", answer);
    }

    [Fact]
    public async Task Wrk_256ConnectionsFor20Seconds_HasNoError()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var nginx = await NginxTool.StartAsync(token);
        var port = TunnelFixture.Port(nginx.Port);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);

        var (exitCode, report, _) = await Tool.RunAsync("wrk", ["-c", "256", "-t", "1", "-d", "20s", "--latency", $"http://127.0.0.1:{port.Port}/"], token);

        TestContext.Current.TestOutputHelper?.WriteLine(report);
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("Socket errors", report);
        Assert.DoesNotContain("Non-2xx", report);
        Assert.True(RequestsPerSecond(report) > 100, report);
    }

    private static double RequestsPerSecond(string report) =>
        double.Parse(report.Split("Requests/sec:")[1].Trim().Split('\n')[0], CultureInfo.InvariantCulture);
}
