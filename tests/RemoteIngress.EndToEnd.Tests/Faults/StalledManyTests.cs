using System.Net;
using System.Net.Sockets;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>A thousand connections whose one end pushes without end while the other does not read, all in one tunnel.</summary>
public sealed class StalledManyTests : IDisposable
{
    private const int Clients = 1000;
    private const long Budget = 200L << 20;

    // What is held, the chunks it lies in and what a thousand connections need besides.
    private const long AllowedGrowth = Budget * 3 / 2;
    private readonly TempDirectory _files = new();
    private readonly List<Socket> _clients = [];

    [Fact]
    public async Task ClientsThatDoNotRead_StayWithinTheTunnelsBudget()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3));
        await using var source = new TargetServer(PushAsync);
        await using var echo = new TargetServer(Handlers.EchoAsync);
        var (sourcePort, echoPort) = (TunnelFixture.Port(source.EndPoint), TunnelFixture.Port(echo.EndPoint));
        await using var tunnel = await StartAsync(token, sourcePort, echoPort);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        var memory = tunnel.Edge.Process.ResidentBytes;

        await ConnectAllAsync(sourcePort.Port, token);
        await AssertWithinBudgetAsync(echoPort, () => HeldByEdgeAsync(tunnel, token), () => tunnel.Edge.Process.ResidentBytes - memory, token);

        Dispose();
        await leaks.NothingIsLeftAsync(token);
        await Poll.UntilAsync("nothing is held", async _ => await HeldByEdgeAsync(tunnel, token) == 0, token);
    }

    [Fact]
    public async Task TargetThatDoesNotRead_StaysWithinTheTunnelsBudget()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3));
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sink = new TargetServer((_, cancellation) => stop.Task.WaitAsync(cancellation), expectsHeader: false);
        await using var echo = new TargetServer(Handlers.EchoAsync);
        var (sinkPort, echoPort) = (TunnelFixture.Port(sink.EndPoint), TunnelFixture.Port(echo.EndPoint));
        await using var tunnel = await StartAsync(token, sinkPort, echoPort);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        var memory = tunnel.Hub.Process.ResidentBytes;

        await ConnectAllAsync(sinkPort.Port, token);
        var pushes = _clients.ConvertAll(client => PushAsync(client, token));
        await AssertWithinBudgetAsync(echoPort, () => HeldByHubAsync(tunnel, token), () => tunnel.Hub.Process.ResidentBytes - memory, token);

        Dispose();
        await Task.WhenAll(pushes);
        stop.SetResult();
        await leaks.NothingIsLeftAsync(token);
        await Poll.UntilAsync("nothing is held", async _ => await HeldByHubAsync(tunnel, token) == 0, token);
    }

    public void Dispose()
    {
        _clients.ForEach(static client => client.Dispose());
        _clients.Clear();
        _files.Dispose();
    }

    // One loop each, so that there is one tunnel.
    private Task<TunnelFixture> StartAsync(CancellationToken token, params PortSpec[] ports)
    {
        string[] arguments = ["--performance", _files.Write("performance.json", """{"loops":1}""")];
        return TunnelFixture.StartAsync(ports, arguments, arguments, token);
    }

    private async Task ConnectAllAsync(int port, CancellationToken token)
    {
        for (var i = 0; i < Clients; i++)
        {
            // Small buffers of the kernel: what it does not take is what this is about.
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, SendBufferSize = 16 * 1024 };
            _clients.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, port, token);
        }
    }

    /// <summary>
    /// Serves new connections beside until more than half of the budget is held and that has stopped growing, and looks at the bounds all
    /// the time.
    /// </summary>
    private static async Task AssertWithinBudgetAsync(PortSpec echo, Func<Task<long>> held, Func<long> grown, CancellationToken token)
    {
        long most = 0;
        for (var still = 0; still < 5; still++)
        {
            using var client = await TestClient.ConnectAsync(echo.Port, token);
            for (var i = 0; i < 20; i++)
            {
                await client.EchoAsync($"beside {i}", token);
            }

            var now = await held();
            Assert.InRange(now, 0, Budget);
            Assert.InRange(grown(), long.MinValue, AllowedGrowth);
            still = now > most || now < Budget / 2 ? 0 : still;
            most = Math.Max(most, now);
        }

        TestContext.Current.SendDiagnosticMessage($"held {most >> 20} MiB, the process has grown by {grown() >> 20} MiB");
    }

    private static async Task<long> HeldByEdgeAsync(TunnelFixture tunnel, CancellationToken token) =>
        (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_held_bytes");

    private static async Task<long> HeldByHubAsync(TunnelFixture tunnel, CancellationToken token) =>
        (await tunnel.Hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_held_bytes");

    private static async Task PushAsync(TargetConnection connection, CancellationToken cancellation)
    {
        var block = new byte[16 * 1024];
        while (true)
        {
            await connection.WriteAsync(block, cancellation);
        }
    }

    private static async Task PushAsync(Socket client, CancellationToken cancellation)
    {
        var block = new byte[16 * 1024];
        try
        {
            while (true)
            {
                await client.SendAsync(block, cancellation);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }
}
