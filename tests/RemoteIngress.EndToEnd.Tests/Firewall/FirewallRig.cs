using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Firewall;

/// <summary>Three machines: clients with several addresses, an edge between them and a hub, and a hub with an echo target.</summary>
internal sealed class FirewallRig : IAsyncDisposable
{
    internal const string HubAddress = "10.77.1.1";
    internal const string OtherHubAddress = "10.77.1.3";
    internal static readonly IPAddress A = IPAddress.Parse("10.77.2.11");
    internal static readonly IPAddress B = IPAddress.Parse("10.77.2.12");
    internal static readonly IPAddress A6 = IPAddress.Parse("fd77:2::11");
    internal static readonly IPAddress B6 = IPAddress.Parse("fd77:2::12");

    // Less than the second after which a SYN is sent again; what gets through takes a millisecond or two.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(700);
    private static readonly IPAddress Server = IPAddress.Parse("10.77.2.1");
    private static readonly IPAddress Server6 = IPAddress.Parse("fd77:2::1");

    private readonly TempDirectory _data = new();
    private readonly Stack<IAsyncDisposable> _owned = new();
    private PortSpec _port = new(0);

    private FirewallRig()
    {
    }

    internal HubFixture Hub { get; private set; } = null!;

    internal EdgeFixture Edge { get; private set; } = null!;

    internal NetworkNamespace EdgeNetwork { get; private set; } = null!;

    internal NetworkNamespace ClientNetwork { get; private set; } = null!;

    internal int Port => _port.Port;

    internal static async Task<FirewallRig> StartAsync(string? firewall, CancellationToken token, string[]? arguments = null, string[]? launcher = null)
    {
        Tool.Require("nft");
        var rig = new FirewallRig();
        try
        {
            var hubNetwork = rig.Own(await NetworkNamespace.CreateAsync("hub", token));
            rig.EdgeNetwork = rig.Own(await NetworkNamespace.CreateAsync("edge", token));
            rig.ClientNetwork = rig.Own(await NetworkNamespace.CreateAsync("client", token));
            await hubNetwork.LinkAsync(rig.EdgeNetwork, [HubAddress + "/24", OtherHubAddress + "/24"], ["10.77.1.2/24"], token);
            await rig.ClientNetwork.LinkAsync(
                rig.EdgeNetwork, [$"{A}/24", $"{B}/24", $"{A6}/64", $"{B6}/64"], [$"{Server}/24", $"{Server6}/64"], token);
            var target = rig.Own(hubNetwork.Run(() => new TargetServer(Handlers.EchoAsync)));
            rig._port = TunnelFixture.Port(target.EndPoint);
            var setup = new HubSetup { Data = rig._data, Network = hubNetwork, TunnelAddress = "0.0.0.0", Edges = [rig.Spec(firewall)] };
            rig.Hub = rig.Own(await HubFixture.StartAsync(setup, token));
            await rig.StartEdgeAsync(token, HubAddress, arguments, launcher);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the edge, again after its process has ended, and waits until it runs what the hub has.</summary>
    internal async Task StartEdgeAsync(CancellationToken token, string hub = HubAddress, string[]? arguments = null, string[]? launcher = null)
    {
        Edge = Own(CreateEdge(TunnelFixture.EdgeId, hub, arguments, launcher));
        await WaitForAcknowledgementAsync(token);
    }

    internal EdgeFixture CreateEdge(string id, string hub = HubAddress, string[]? arguments = null, string[]? launcher = null) => new(new EdgeSetup
    {
        Hub = $"{hub}:{Hub.Setup.TunnelPort}",
        EdgeId = id,
        Secret = TunnelFixture.Secret,
        Arguments = arguments ?? [],
        Launcher = launcher ?? [],
        Network = EdgeNetwork,
    });

    internal EdgeSpec Spec(string? firewall) => TunnelFixture.Spec(_port) with { Firewall = firewall };

    /// <summary>Gives the hub another configuration, waits for the edge's answer to it, and returns what it says of the packet filter.</summary>
    internal async Task<JsonElement?> ChangeAsync(string? firewall, CancellationToken token)
    {
        await Hub.PutEdgesAsync(token, Spec(firewall));
        return await WaitForAcknowledgementAsync(token);
    }

    internal async Task<JsonElement?> WaitForAcknowledgementAsync(CancellationToken token)
    {
        JsonElement? firewall = null;
        await Poll.UntilAsync(
            $"the edge runs what the hub has\n{Edge.Process.Text}",
            async cancellation =>
            {
                var edge = JsonSerializer.Deserialize<JsonElement>(await Hub.GetAsync("edges/" + TunnelFixture.EdgeId, cancellation));
                foreach (var observed in edge.GetProperty("observed").EnumerateArray())
                {
                    if (observed.TryGetProperty("acknowledgement", out var ack) && ack.ValueKind == JsonValueKind.Object
                        && ack.GetProperty("generation").GetInt64() == edge.GetProperty("generation").GetInt64())
                    {
                        firewall = ack.TryGetProperty("firewall", out var value) && value.ValueKind == JsonValueKind.Object ? value : null;
                        return true;
                    }
                }

                return false;
            },
            token);
        return firewall;
    }

    /// <summary>The packet filter in the edge's own status.</summary>
    internal async Task<(string State, string? Error)> StatusAsync(CancellationToken token)
    {
        var firewall = (await Edge.TryGetStatusAsync(token))!.Value.GetProperty("firewall");
        return (firewall.GetProperty("state").GetString()!, firewall.TryGetProperty("error", out var error) ? error.GetString() : null);
    }

    /// <summary>Whether a client at this address is served: connects and gets its words back.</summary>
    internal async Task<bool> IsServedAsync(IPAddress source, CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(Silence);
        TestClient client;
        try
        {
            client = await TestClient.ConnectAsync(
                source.AddressFamily == AddressFamily.InterNetworkV6 ? Server6 : Server, Port, patience.Token, source, ClientNetwork);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException && !token.IsCancellationRequested)
        {
            return false;
        }

        using (client)
        {
            await client.EchoAsync("hello", token);
            return true;
        }
    }

    /// <summary>Whether packets of a client come to the edge's machine and back, for when nobody serves: a refusal is an answer.</summary>
    internal async Task<bool> IsReachableAsync(IPAddress source, CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(Silence);
        try
        {
            using var client = await TestClient.ConnectAsync(Server, Port, patience.Token, source, ClientNetwork);
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What nft says of the edge's machine.</summary>
    internal async Task<string> NftAsync(CancellationToken token, params string[] arguments)
    {
        var (exitCode, output, error) = await EdgeNetwork.ExecAsync("nft", arguments, token);
        return exitCode == 0 ? output : throw new InvalidOperationException($"nft {string.Join(' ', arguments)}: {error}");
    }

    internal async Task<bool> HasTableAsync(CancellationToken token) =>
        (await NftAsync(token, "list", "tables")).Split('\n').Contains("table inet remoteingress");

    public async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            await owned.DisposeAsync();
        }

        _data.Dispose();
    }

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Push(owned);
        return owned;
    }
}
