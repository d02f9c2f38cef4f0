using RemoteIngress.Testing;
using RemoteIngress.Testing.Cluster;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>Two processes with one edge id: they serve side by side, and one that comes back takes the place of what it left behind.</summary>
[Collection<FailoverCluster>]
public sealed class FailoverInstanceTests(FailoverRig rig)
{
    private const string Instance = "twin";

    // Without the replacement it is the liveness deadline, 15 s. What it takes is in the report.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task TwoInstances_ServeAtOnce_AndAReconnectOfOneReplacesItsStaleTunnels()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(60));
        var cluster = rig.Cluster;
        await using var machine = await cluster.AddMachineAsync("twin", "10.78.0.52/24", token);
        await using var first = await StartAsync(machine, token);
        await EchoAsync("10.78.0.21", token);
        await EchoAsync("10.78.0.52", token);
        foreach (var hub in NetnsCluster.Hubs)
        {
            Assert.Equal(2, (await InstancesAsync(hub, token)).Count);
        }

        // a machine that loses its power: nobody tells the hubs, nor when they ask the one that is there afterwards
        var replaced = await ReplacedAsync(token);
        await machine.NftAsync("add table inet cut; add chain inet cut out { type filter hook output priority -400; policy drop; }; add rule inet cut out oif lo accept", token);
        first.Process.Send(Signal.Kill);
        await first.Process.WaitForExitAsync(token);
        await machine.NftAsync("flush chain inet cut out; add rule inet cut out tcp flags & (fin | rst) != 0 drop; add rule inet cut out accept", token);
        await using var second = await StartAsync(machine, token);

        var took = await Poll.UntilAsync(
            "the stale tunnels are gone",
            async cancellation => await ReplacedAsync(cancellation) - replaced == NetnsCluster.Hubs.Count * Environment.ProcessorCount,
            token);
        Assert.InRange(took, TimeSpan.Zero, AtOnce);
        foreach (var hub in NetnsCluster.Hubs)
        {
            Assert.Single(await InstancesAsync(hub, token), Instance);
        }

        await EchoAsync("10.78.0.52", token);
    }

    private async Task<MachineEdge> StartAsync(Machine machine, CancellationToken token)
    {
        var edge = machine.StartEdge(rig.Cluster, "edge1", "--instance-id", Instance);
        try
        {
            await edge.WaitForPortsAsync([.. rig.Ports.Select(static port => port.Port)], token);
            await Poll.UntilAsync("it has all of its tunnels", async cancellation => await edge.ReadyTunnelsAsync(cancellation) == NetnsCluster.Hubs.Count, token);
            return edge;
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }
    }

    private async Task EchoAsync(string edge, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(System.Net.IPAddress.Parse(edge), rig.StandingPorts[0].Port, token, network: rig.Cluster.Clients);
        await client.ReceiveExactlyAsync(16, token);
        await client.EchoAsync("hello", token);
    }

    private async Task<IReadOnlyList<string>> InstancesAsync(string hub, CancellationToken token) =>
        [.. (await rig.Cluster.HubStatusAsync(hub, token))!.Value.GetProperty("connectedEdges").EnumerateArray()
            .Where(static edge => edge.GetProperty("edgeId").GetString() == "edge1")
            .Select(static edge => edge.GetProperty("instanceId").GetString()!)];

    private async Task<long> ReplacedAsync(CancellationToken token)
    {
        var sum = 0L;
        foreach (var hub in NetnsCluster.Hubs)
        {
            sum += (await rig.Cluster.HubMetricsAsync(hub, token)).Sum("remoteingress_hub_tunnel_ends_total", "replaced");
        }

        return sum;
    }
}
