using System.Net;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>A hub and an edge as processes, connected, with the ports a test asked for.</summary>
public sealed class TunnelFixture : IAsyncDisposable
{
    public const string EdgeId = "edge-1";
    public const string Secret = "e2e-secret-0f8a4c71d2";

    private readonly TempDirectory _data;

    private TunnelFixture(HubFixture hub, EdgeFixture edge, TempDirectory data)
    {
        Hub = hub;
        Edge = edge;
        _data = data;
    }

    public HubFixture Hub { get; private set; }

    public EdgeFixture Edge { get; }

    public static PortSpec Port(IPEndPoint target, string? proxyProtocol = null, string? open = null) =>
        new(Ports.Free(), target.ToString(), proxyProtocol, open);

    public static PortSpec Port(int targetPort, string? proxyProtocol = null) => Port(new IPEndPoint(IPAddress.Loopback, targetPort), proxyProtocol);

    /// <summary>A UDP port; <see cref="Ports.Free"/> is asked for a number that is free for both protocols.</summary>
    public static PortSpec UdpPort(IPEndPoint target, string? proxyProtocol = null) => new(Ports.Free(), target.ToString(), proxyProtocol, IsUdp: true);

    public static EdgeSpec Spec(params PortSpec[] ports) => new(EdgeId, Secret) { Ports = ports };

    public static Task<TunnelFixture> StartAsync(CancellationToken cancellation, params PortSpec[] ports) =>
        StartAsync(ports, [], [], cancellation);

    /// <param name="ports">The edge's ports.</param>
    /// <param name="hubArguments">Beside those of the fixture.</param>
    /// <param name="edgeArguments">Beside those of the fixture.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="hubFiles">Limits of the hub's descriptors, <c>soft:hard</c>.</param>
    /// <param name="edgeFiles">Limits of the edge's descriptors.</param>
    public static async Task<TunnelFixture> StartAsync(
        PortSpec[] ports, string[] hubArguments, string[] edgeArguments, CancellationToken cancellation, string? hubFiles = null, string? edgeFiles = null)
    {
        var data = new TempDirectory();
        var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [Spec(ports)], Arguments = hubArguments, OpenFiles = hubFiles }, cancellation);
        var edge = new EdgeFixture(hub.Setup.TunnelPort, EdgeId, Secret, edgeFiles, edgeArguments);
        var tunnel = new TunnelFixture(hub, edge, data);
        try
        {
            await edge.WaitForPortsAsync(ports, cancellation);
            return tunnel;
        }
        catch
        {
            await tunnel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the hub again as it was, after its process ended.</summary>
    public async Task RestartHubAsync(CancellationToken cancellation)
    {
        var setup = Hub.Setup;
        await Hub.DisposeAsync();
        Hub = await HubFixture.StartAsync(setup, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // with the tunnel still up: its end would end what was forgotten, too
            await Hub.NothingIsLeftAsync(Timeouts.ToEnd());
        }
        finally
        {
            await Edge.DisposeAsync();
            await Hub.DisposeAsync();
            _data.Dispose();
        }
    }
}
