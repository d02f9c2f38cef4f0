using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging;
using RemoteIngress.ClusterTls;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Admin;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Events;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Supervision;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Hosting;

/// <summary>Everything of one run of a hub, wired together. Owns all of it; stopped in the opposite order of starting.</summary>
internal sealed partial class HubRuntime : IHubStatusSource, IAsyncDisposable
{
    private static readonly string Software =
        $"remoteingress-hub/{typeof(HubRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    // A handler that waits for the hub to stop must not wait for ever.
    private static readonly TimeSpan HandlerTimeout = TimeSpan.FromSeconds(3);

    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private readonly CertificateSource _certificates;
    private readonly TargetResolver _resolver;
    private readonly HubEvents _listeners;
    private readonly HubEventQueue _events;
    private readonly Supervisor _supervisor;
    private readonly Task _telling;
    private readonly HubEventLog _log;
    private readonly RegistryReports _reports;
    private readonly SessionDirectory _directory;
    private readonly EdgeLookups _lookups;
    private readonly HubDirectory _hubs;
    private readonly Action _drain;
    private readonly SiloHost _silo;
    private readonly LastKnownFile? _known;
    private Task _keeping = Task.CompletedTask;
    private readonly TunnelServer _server;
    private readonly OpenFiles _files;
    private readonly HubCounts _counts;
    private readonly LoopDatagramTotals _udp;
    private readonly HubMetrics _metrics;
    private readonly AdminServer _admin;
    private volatile bool _isTakingTunnels;

    private HubRuntime(
        HubOptions options,
        LoopGroup loops,
        OpenFiles files,
        CertificateSource certificates,
        ClusterTlsMiddleware? clusterTls,
        HubEvents listeners,
        Action drain,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        _drain = drain;
        _listeners = listeners;
        _time = time;
        _events = new HubEventQueue(listeners);
        _supervisor = new Supervisor(time, loggers.CreateLogger("RemoteIngress.Hub.Supervision"), _events.Tell, listeners.Deliver);
        _telling = _supervisor.Start("events", () => _events.Told.RunAsync(listeners.Deliver), CancellationToken.None);
        _options = options;
        _files = files;
        _certificates = certificates;
        var logger = loggers.CreateLogger("RemoteIngress.Hub.Tunnels");
        _hubs = new HubDirectory(this, _supervisor, time);
        _resolver = new TargetResolver(time);
        _log = new HubEventLog(_events, time, logger, _supervisor);
        _reports = new RegistryReports(() => _silo!.Registry, time, logger, _supervisor);
        _directory = new SessionDirectory(
            options.HubId, _instanceId, new EdgeModels(options.TargetHost, () => _hubs.List, _resolver), _reports, _events, time, Limits(options));
        _silo = new SiloHost(options, _directory, _hubs, loggers, time, _supervisor, clusterTls);
        _known = KnownFile(options, _silo.Known, time, loggers);
        _lookups = new EdgeLookups(() => _silo.Registry, _directory, _silo.Known, time, logger);
        var server = new TunnelServerOptions
        {
            Local = new IPEndPoint(IPAddress.Parse(options.TunnelAddress), options.TunnelPort),
            Identity = new HubIdentity(options.HubId, Software, _silo.DecoyKey),
            Hubs = () => _hubs.List,
            Tunnel = Tunnel(options),
            MaxUnauthenticated = options.MaxUnauthenticated,
            MaxUnauthenticatedPerAddress = options.MaxUnauthenticatedPerAddress,
            FreeAuthFailures = options.FreeAuthFailures,
            MaxAuthDelay = TimeSpan.FromSeconds(options.AuthDelaySeconds),
            MaxStreams = options.MaxStreams,
            MaxUdpSessions = options.MaxUdpSessions,
            UdpReceiveBuffer = options.UdpReceiveBufferKiB * 1024,
            Directory = Limits(options),
            Files = files,
        };
        _server = new TunnelServer(server, loops, certificates, _directory, _lookups, _events, time, _supervisor);
        _counts = new HubCounts([.. _server.Loops.Select(loop => loop.Counters)]);
        _udp = new LoopDatagramTotals(loops.Loops);
        _metrics = new HubMetrics(options.HubId, loops.Loops, _counts, files, _events, _reports, _supervisor);
        _silo.Counters.AddTo(_metrics.Meter, HubMetrics.Prefix, clusterTls);
        _admin = new AdminServer(options, _silo.Edges, new HubManager(_hubs, _silo.Edges, time), this, listeners.Feed, loggers, time);
        StartTellingHubs(new HubListPush(_hubs, _directory, time, logger));
    }

    public string? NotReadyBecause => _isTakingTunnels ? _silo.NotRunningBecause : "the hub does not take tunnels right now";

    internal int TunnelPort => _server.LocalEndPoint?.Port ?? _options.TunnelPort;

    /// <summary>Where the HTTP API listens; <see langword="null"/> when it is off.</summary>
    internal Uri? AdminUrl => _admin.Url;

    /// <summary>Faults when an internal loop died too often to be started again; never completes otherwise.</summary>
    internal Task Failed => _supervisor.Failed;

    /// <summary>The event loops now.</summary>
    internal IReadOnlyList<HubLoop> Loops => _server.Loops;

    /// <summary>Starts everything, or nothing.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="listeners">Who is told what happens.</param>
    /// <param name="drain">Called when somebody asks this hub to drain and stop, any number of times.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">Source of time.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="HubStartException">What the operator must cure.</exception>
    internal static async Task<HubRuntime> StartAsync(
        HubOptions options, HubEvents listeners, Action drain, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var certificates = HubCertificates.Open(options, time, loggers.CreateLogger("RemoteIngress.Hub.Certificates"));
        var files = OpenFiles.Raise(options.ReservedDescriptors);
        var clusterTls = HubClusterTls.Open(options, time, loggers.CreateLogger("RemoteIngress.Hub.Cluster"));
        var runtime = new HubRuntime(options, CreateLoops(options, certificates, time), files, certificates, clusterTls, listeners, drain, loggers, time);
        try
        {
            // A port that is taken must be known before the registry of a whole cluster is made what this hub was told.
            runtime._server.Bind();
            runtime.KeepKnown();
            await runtime._silo.StartAsync(cancellationToken);
            await runtime._server.StartAsync();
            runtime._isTakingTunnels = true;
            runtime.Become(HubView.Ready);
            listeners.Feed.Open();
            await runtime._admin.StartAsync(cancellationToken);
            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync();
            throw;
        }
    }

    public HubStatus GetStatus() => new()
    {
        Running = _isTakingTunnels,
        HubId = _options.HubId,
        TunnelPort = TunnelPort,
        ConnectedEdges = _directory.Snapshot(),
        Registry = _silo.Status,
        Refusals = _counts.Refusals(),
        TunnelsEnded = _counts.TunnelsEnded(),
        StreamsEnded = _counts.StreamsEnded(),
        Udp = new HubUdpStatus
        {
            SessionsOpened = _udp.Sum(counts => counts.Opened),
            SessionsEnded = _udp.Ends(),
            Datagrams = _udp.Passed(),
            Dropped = _udp.Drops(),
        },
        Limits = _counts.LimitsMet(),
        Descriptors = new DescriptorStatus(_files.Limit, _files.Reserved, _files.Count()),
    };

    /// <summary>Descriptors that this process may have.</summary>
    internal int DescriptorLimit => _files.Limit;

    internal Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken) =>
        _silo.Edges.UpdateAllowedEdgesAsync(edges, cancellationToken);

    /// <summary>Takes nothing new and waits for the connections that are open, up to the drain timeout. True: all ended.</summary>
    internal Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        _isTakingTunnels = false;
        Become(HubView.Draining);
        return _server.DrainAsync(_options.DrainTimeout, cancellationToken);
    }

    /// <summary>Ends what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        _isTakingTunnels = false;
        await _server.StopAsync(TunnelEndReason.Draining);
        await EndEventsAsync();
        await _admin.DisposeAsync();

        // The registry hears that the tunnels are gone before this silo leaves.
        await _reports.DisposeAsync();
        await EndTellingHubsAsync();
        await _silo.DisposeAsync();
        await _keeping;
        _stopping.Dispose();
        _lookups.Dispose();
        await _log.DisposeAsync();
        _metrics.Dispose();
        _resolver.Dispose();
        _certificates.Dispose();
    }

    // Without Redis there is nothing that could be away: the registry is in this process.
    private static LastKnownFile? KnownFile(HubOptions options, LastKnownEdges known, TimeProvider time, ILoggerFactory loggers) =>
        options is { DataDir: { } directory, Redis: not null }
            ? new LastKnownFile(known, directory, options.ClusterId, time, loggers.CreateLogger("RemoteIngress.Hub.LastKnown"))
            : null;

    private void KeepKnown()
    {
        if (_known is { } file)
        {
            file.Load();
            _keeping = _supervisor.Start("last known edges", () => file.RunAsync(_stopping.Token), _stopping.Token);
        }
    }

    // After the last tunnel, so that its end is told, and before the API, which would wait for its readers.
    private async Task EndEventsAsync()
    {
        _events.Told.Complete();
        using var given = new CancellationTokenSource(HandlerTimeout, _time);
        await Task.WhenAny(_telling, Task.Delay(Timeout.Infinite, given.Token));
        _listeners.Feed.End();
    }

    // Before anything that would have to be stopped again: the system may refuse them.
    private static LoopGroup CreateLoops(HubOptions options, CertificateSource certificates, TimeProvider time)
    {
        try
        {
            return new LoopGroup("hub", options.Loops, time, Tunnel(options).Buffers, options.DatagramLoops);
        }
        catch (LoopRefusedException e)
        {
            certificates.Dispose();
            throw new HubStartException(
                $"--performance: loops, datagramLoops: the system refuses so many event loops ({e.Message}); give fewer, or raise the limit of open files (ulimit -n, LimitNOFILE)", e);
        }
    }

    private static DirectoryLimits Limits(HubOptions options) => new()
    {
        MaxTunnels = options.MaxTunnels,
        MaxTunnelsPerEdge = options.MaxTunnelsPerEdge,
        MaxInstancesPerEdge = options.MaxInstancesPerEdge,
        MaxStreamsPerEdge = options.MaxStreamsPerEdge,
        MaxUdpSessionsPerEdge = options.MaxUdpSessionsPerEdge,
    };

    private static TunnelOptions Tunnel(HubOptions options) => TunnelServerOptions.DefaultTunnel with
    {
        HandshakeTimeout = TimeSpan.FromSeconds(options.HandshakeSeconds),
        PreAuthBytes = options.HandshakeBytes,
        MaxStreams = options.MaxStreamsPerTunnel,
        QueuedDatagramBytes = options.UdpQueueKiB * 1024,
        Buffers = BufferLimits.FromMebibytes(options.TunnelBufferMiB, options.BufferMiB),
    };
}
