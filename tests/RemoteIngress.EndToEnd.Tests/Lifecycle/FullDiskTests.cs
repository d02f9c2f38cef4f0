using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Lifecycle;

/// <summary>A disk without room under <c>--data-dir</c>: a tmpfs of a few KiB, full, that only the hub of the test sees.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task Hub_ServesWithACertificateOfThisRun_AndSaysSo()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        var edges = data.Write("edges.json", EdgeSpec.ToJson(TunnelFixture.Spec(port)));
        var tunnelPort = Ports.Free();
        await using var hub = StartOnFullDisk(data, $"--tunnel-port {tunnelPort} --admin-token a-token-of-the-test --allowed-edges {edges}");

        await hub.WaitForLineAsync("is ready", static line => line.Contains(" is ready: "), token);

        await using var edge = new EdgeFixture(tunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
        await edge.WaitForPortsAsync([port.Port], token);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("served", token);
        Assert.Single(hub.Lines, line => line.Contains("--data-dir: no space left in " + Full(data)) && line.Contains("free some space"));
        Assert.DoesNotContain("   at ", hub.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hub_WithoutAnAdminToken_SaysWhatToDo()
    {
        using var data = new TempDirectory();
        await using var hub = StartOnFullDisk(data, "--tunnel-port 0 --log-level none");

        // a token that nobody could read is of no use to anybody
        Assert.Equal(1, await hub.WaitForExitAsync(Timeouts.Token()));
        var line = Assert.Single(hub.ErrorLines);
        Assert.StartsWith("error: --data-dir: ", line);
        Assert.Contains("admin-token", line);
        Assert.Contains("free space", line);
        Assert.Contains("--admin-token", line);
    }

    private static string Full(TempDirectory data) => Path.Combine(data.Path, "full");

    private static ExternalProcess StartOnFullDisk(TempDirectory data, string options)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a small disk");
        var full = Full(data);
        Directory.CreateDirectory(full);
        var script = $"mount -t tmpfs -o size=16k none {full} && {{ dd if=/dev/zero of={full}/fill bs=4k count=8 2>/dev/null; "
            + $"exec {Repository.Executable} hub --tunnel-address 127.0.0.1 --admin-url http://127.0.0.1:0 --data-dir {full} {options}; }}";
        return new ExternalProcess(Tool.Require("unshare"), ["--mount", "sh", "-c", script]);
    }
}
