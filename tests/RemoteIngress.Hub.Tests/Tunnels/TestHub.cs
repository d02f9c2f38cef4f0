using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>The data plane of a hub on loopback, with a registry that the test holds.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    public const string EdgeId = "edge-1";
    public const string Secret = "correct horse battery staple";

    private readonly RegistryReports _reports;
    private readonly TargetResolver _resolver;
    private readonly CertificateSource _certificates;

    private TestHub(TunnelServerOptions options, int loops, int datagramLoops, ILogger logger, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp)
    {
        var time = TimeProvider.System;
        var supervisor = Supervisors.Create();
        _certificates = CertificateSource.SelfSigned(null, time, logger);
        _resolver = new TargetResolver(time, lookUp);
        _reports = new RegistryReports(() => Registry, time, logger, supervisor);
        Directory = new SessionDirectory("hub-1", "run-1", new EdgeModels("127.0.0.1", options.Hubs, _resolver), _reports, Events, time, options.Directory);
        Lookups = new EdgeLookups(() => Registry, Directory, Known, time, logger);
        Server = new TunnelServer(options, new LoopGroup("hub", loops, time, datagramLoops: datagramLoops), _certificates, Directory, Lookups, Events, time, supervisor);
    }

    public FakeRegistry Registry { get; } = new();

    public LastKnownEdges Known { get; } = new(TimeProvider.System);

    public HubEventQueue Events { get; } = new();

    public SessionDirectory Directory { get; }

    public TunnelServer Server { get; }

    public int Port => Server.LocalEndPoint!.Port;

    public OpenFiles Files => Server.Options.Files;

    /// <summary>What status and metrics would say.</summary>
    public HubCounts Counts => new([.. Server.Loops.Select(loop => loop.Counters)]);

    private EdgeLookups Lookups { get; }

    public static async Task<TestHub> StartAsync(
        TunnelOptions? tunnel = null,
        Func<TunnelServerOptions, TunnelServerOptions>? configure = null,
        Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null,
        int loops = 2,
        int datagramLoops = 0)
    {
        var options = new TunnelServerOptions
        {
            Local = new IPEndPoint(IPAddress.Loopback, 0),
            Identity = new HubIdentity("hub-1", "test-hub", new DecoyKey(new byte[DecoyKey.Length])),
            Tunnel = tunnel ?? TunnelOptions.Default,
        };
        var hub = new TestHub(configure?.Invoke(options) ?? options, loops, datagramLoops, NullLogger.Instance, lookUp);
        try
        {
            hub.Server.Bind();
            await hub.Server.StartAsync();
            return hub;
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers the edge with these TCP ports and options.</summary>
    public EdgeRecord Allow(long generation = 1, params (int Port, PortOptions? Options)[] ports)
    {
        var settings = new EdgeSettings
        {
            ListenPorts = [.. ports.Select(port => port.Port)],
            PortOptions = ports
                .Where(port => port.Options is not null)
                .ToImmutableDictionary(port => port.Port.ToString(CultureInfo.InvariantCulture), port => port.Options!),
        };
        return Registry.Set(FakeRegistry.Record(EdgeId, Secret, generation, settings));
    }

    public Task<WireEdge> ConnectAsync(string instanceId = "i-1", string edgeId = EdgeId, string secret = Secret, long attempt = 0) =>
        WireEdge.ConnectAsync(Port, edgeId, secret, instanceId, Timeouts.Token(), attempt);

    /// <summary>The next event of this kind.</summary>
    public async Task<T> NextAsync<T>()
        where T : HubEvent
    {
        await foreach (var hubEvent in Events.Reader.ReadAllAsync(Timeouts.Token()))
        {
            if (hubEvent is T wanted)
            {
                return wanted;
            }
        }

        throw new InvalidOperationException("The queue ended.");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(TunnelEndReason.Shutdown);
        await _reports.DisposeAsync();
        Lookups.Dispose();
        _resolver.Dispose();
        _certificates.Dispose();
        LoopLeaks.ThrowIfAnythingIsLeft(Server.Loops.Select(static loop => loop.Loop));
    }
}
