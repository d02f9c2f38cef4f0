// A hub and an edge inside a program of your own: options in code, events, a change of ports, status, and an orderly end.
// Run it: dotnet run --project docs/samples/Embedding
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using EmbeddingSample;
using RemoteIngress.Contracts;
using RemoteIngress.Edge;
using RemoteIngress.Hub;
using RemoteIngress.Protocol.Tokens;

using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
await using var target = new HelloServer();
var publicPort = FreePort();

// 1. The hub. Port 0 is a free one, so that several hubs can run in one process; its registry is in memory.
await using var hub = new RemoteIngressHub(new HubOptions
{
    HubId = "sample-hub",
    TunnelAddress = "127.0.0.1",
    TunnelPort = 0,
    AdminUrl = "none",
    Loops = 1,
    DrainTimeout = TimeSpan.FromSeconds(5),
    AllowedEdges = [Allowed(publicPort)],
});
hub.EdgeConnected += (_, e) => Console.WriteLine($"hub:  edge {e.EdgeId} is connected from {e.RemoteAddress}");
hub.EdgeDisconnected += (_, e) => Console.WriteLine($"hub:  edge {e.EdgeId} is gone, {e.Reason}");
hub.StreamOpened += (_, e) => Console.WriteLine($"hub:  client {e.ClientAddress} on port {e.Port} goes to {e.Target}");
hub.StreamClosed += (_, e) => Console.WriteLine($"hub:  client {e.ClientAddress} is done, {e.Reason}");
hub.CrashRecoveryFailed += (_, e) => Console.WriteLine($"hub:  {e.Loop} cannot be kept going: {e.Error}");
await hub.StartAsync(deadline.Token);

// 2. The edge. It needs no more than hubs, an id and a secret; everything else comes from the hub.
await using var edge = new RemoteIngressEdge(new EdgeOptions
{
    Hubs = [new HubAddress("127.0.0.1", hub.TunnelPort)],
    EdgeId = "sample-edge",
    Secret = "a secret of this sample",
    BindAddress = IPAddress.Loopback,
    StatusUrl = "none",
    StunServer = "none",
    Transport = EdgeTransport.TcpTls,
    Loops = 1,
});
var assigned = new TaskCompletionSource();
var updated = new TaskCompletionSource();
edge.TunnelConnected += (_, e) => Console.WriteLine($"edge: tunnel to {e.HubId} is up");
edge.TunnelDisconnected += (_, e) => Console.WriteLine($"edge: tunnel to {e.HubId} is gone, {e.Reason}");
edge.PortsAssigned += (_, e) =>
{
    Console.WriteLine($"edge: {e.Ports.Count(port => port.Ok)} of {e.Ports.Count} ports are open");
    assigned.TrySetResult();
};
edge.PortsUpdated += (_, e) =>
{
    Console.WriteLine($"edge: now {e.Ports.Count(port => port.Ok)} of {e.Ports.Count} ports are open");
    updated.TrySetResult();
};
await edge.StartAsync(deadline.Token);
await assigned.Task.WaitAsync(deadline.Token);

// 3. A client, through both of them.
Console.WriteLine($"client: \"{await HelloServer.AskAsync(publicPort, deadline.Token)}\"");

// 4. A change of what edges are allowed; a list with an error in it would change nothing, and name every error.
var result = await hub.UpdateAllowedEdgesAsync([Allowed(publicPort, FreePort())], deadline.Token);
Console.WriteLine($"hub:  updated {string.Join(", ", result.Updated)}");
await updated.Task.WaitAsync(deadline.Token);

// 5. Status, at any time.
var status = await edge.GetStatusAsync();
Console.WriteLine($"edge: listens on {status.ListenPorts.Count} ports, {status.Connections.Accepted} clients so far; the hub knows {hub.GetStatus().ConnectedEdges.Count} edge");

// 6. The edge first: it drains into the hub. Every event of a run has been raised when its StopAsync returns.
await edge.StopAsync(deadline.Token);
await hub.StopAsync(deadline.Token);
Console.WriteLine("done");

AllowedEdge Allowed(params int[] ports) => new()
{
    Id = "sample-edge",
    Secret = "a secret of this sample",
    ListenPorts = [.. ports],
    PortOptions = ports.ToImmutableDictionary(
        port => $"{port}", _ => new PortOptions { Target = target.EndPoint.ToString(), ProxyProtocol = "none" }),
};

static int FreePort()
{
    using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    return ((IPEndPoint)probe.LocalEndPoint!).Port;
}
