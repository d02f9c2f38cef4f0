using System.Net;
using System.Net.Sockets;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Edge.Tests.Hubs;

/// <summary>A real edge against scripted hubs, with one public port.</summary>
internal sealed class EdgeHarness : IAsyncDisposable
{
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(30));

    private EdgeHarness(RemoteIngressEdge edge, int port)
    {
        Edge = edge;
        Port = port;
    }

    internal RemoteIngressEdge Edge { get; }

    internal int Port { get; }

    /// <summary>Ends the test when something never happens.</summary>
    internal CancellationToken Token => _timeout.Token;

    /// <summary>Starts an edge with one loop for everything, waits for a tunnel to each hub and for its port.</summary>
    internal static async Task<EdgeHarness> StartAsync(
        IReadOnlyList<ScriptedHub> hubs, string open = "eager", Func<EdgeOptions, EdgeOptions>? change = null, Action<RemoteIngressEdge>? prepare = null)
    {
        var port = FreePort();
        var snapshot = Snapshot(1, open, port);
        foreach (var hub in hubs)
        {
            hub.Snapshot = snapshot;
        }

        var harness = await StartAsync([.. hubs.Select(hub => hub.Address)], port, change, prepare: prepare);
        foreach (var hub in hubs)
        {
            await hub.NextSessionAsync(harness.Token);
            await hub.NextAckAsync(harness.Token);
        }

        return harness;
    }

    /// <param name="hubs">Which it dials.</param>
    /// <param name="port">Which the test calls its own.</param>
    /// <param name="change">Other options.</param>
    /// <param name="nft">What it has for nft; null: no packet filter, since tests share the machine's.</param>
    /// <param name="prepare">What is done to it before it starts.</param>
    internal static async Task<EdgeHarness> StartAsync(
        IReadOnlyList<HubAddress> hubs, int port, Func<EdgeOptions, EdgeOptions>? change = null, INft? nft = null,
        Action<RemoteIngressEdge>? prepare = null)
    {
        var options = new EdgeOptions
        {
            Hubs = hubs,
            EdgeId = ScriptedHub.EdgeId,
            Secret = ScriptedHub.Secret,
            BindAddress = IPAddress.Loopback,
            StatusUrl = "http://127.0.0.1:0",
            StunServer = "none",
            Loops = 1,
            DatagramLoops = 0,
            Transport = EdgeTransport.TcpTls,
            Firewall = nft is null ? FirewallMode.Off : FirewallMode.Auto,
        };
        var edge = new RemoteIngressEdge(change?.Invoke(options) ?? options)
        {
            Nft = nft,
            Table = new TableLock("remoteingress/test/" + Guid.NewGuid().ToString("N")),
        };
        prepare?.Invoke(edge);
        await edge.StartAsync();
        return new EdgeHarness(edge, port);
    }

    /// <summary>Starts an edge with a UDP port of the same number as its TCP port.</summary>
    internal static async Task<EdgeHarness> StartUdpAsync(IReadOnlyList<ScriptedHub> hubs, Action<EdgeOptions> change)
    {
        var harness = await StartAsync(hubs, change: options =>
        {
            change(options);
            return options;
        });
        foreach (var hub in hubs)
        {
            hub.Push(Snapshot(2, "eager", harness.Port) with { ListenPortsUdp = [harness.Port] });
            Assert.All((await hub.NextAckAsync(harness.Token)).Ports, port => Assert.True(port.Ok, port.Error));
        }

        return harness;
    }

    internal static EdgeSnapshot Snapshot(long generation, string open, params int[] ports) => new()
    {
        Generation = generation,
        ListenPorts = ports,
        PortOptions = ports.ToDictionary(port => $"{port}", _ => new PortOptions { Open = open }),
    };

    internal static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Waits until its tunnels are to these hubs, in this state or that.</summary>
    internal async Task WaitForTunnelsAsync(params (HubAddress Hub, string State)[] expected)
    {
        var wanted = expected.Select(tunnel => $"{tunnel.Hub} {tunnel.State}").Order(StringComparer.Ordinal).ToArray();
        string[] seen = [];
        while (!seen.SequenceEqual(wanted))
        {
            if (Token.IsCancellationRequested)
            {
                Assert.Equal(wanted, seen);
            }

            seen = [.. (await Edge.GetStatusAsync()).Tunnels.Select(tunnel => $"{tunnel.Hub} {tunnel.State}").Order(StringComparer.Ordinal)];
        }
    }

    internal async Task<TcpClient> ConnectAsync(int? port = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port ?? Port, Token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        _timeout.Dispose();
        LoopLeaks.ThrowIfAnythingIsLeft(Edge.EventLoops);
    }
}
