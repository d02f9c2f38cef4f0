using System.Net;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.Testing.Load;

/// <summary>Clients that stay connected, each of which knows by which hub it came: exactly those of a hub that dies may end.</summary>
public sealed class StandingClients : IDisposable
{
    private const int AddressLength = 16;

    private readonly List<(TestClient Client, string Hub)> _clients = [];

    private StandingClients()
    {
    }

    /// <summary>The target of such clients: says by which hub a connection came, and then whatever it is told.</summary>
    public static TargetServer CreateTarget(NetworkNamespace network, IPAddress address) => network.Run(() => new TargetServer(SayHubAndEchoAsync, address: address));

    public static async Task<StandingClients> ConnectAsync(NetworkNamespace network, IReadOnlyList<IPEndPoint> ports, int count, CancellationToken cancellation)
    {
        var clients = new StandingClients();
        for (var i = 0; i < count; i++)
        {
            var port = ports[i % ports.Count];
            var client = await TestClient.ConnectAsync(port.Address, port.Port, cancellation, network: network);
            clients._clients.Add((client, (await client.ReceiveExactlyAsync(AddressLength, cancellation)).TrimEnd()));
        }

        return clients;
    }

    public int CountOn(string hub) => _clients.Count(client => client.Hub == hub);

    /// <summary>The hubs of those that do not answer any more, one for each.</summary>
    public async Task<IReadOnlyList<string>> EndedAsync(CancellationToken cancellation)
    {
        var ended = await Task.WhenAll(_clients.Select(async client =>
        {
            try
            {
                await client.Client.EchoAsync("still here", cancellation);
                return null;
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or EndOfStreamException)
            {
                return client.Hub;
            }
        }));
        return [.. ended.OfType<string>()];
    }

    public void Dispose() => _clients.ForEach(static client => client.Client.Dispose());

    private static async Task SayHubAndEchoAsync(TargetConnection connection, CancellationToken stop)
    {
        var hub = ((IPEndPoint)connection.Socket.RemoteEndPoint!).Address.ToString();
        await connection.WriteAsync(System.Text.Encoding.ASCII.GetBytes(hub.PadRight(AddressLength)), stop);
        await Handlers.EchoAsync(connection, stop);
    }
}
