using System.Net;
using System.Runtime.ExceptionServices;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Cluster;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Load;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>One cluster for all failover tests of this process, with targets behind it. Every test leaves it whole.</summary>
public sealed class FailoverRig : IAsyncLifetime
{
    internal const int PerSecond = 200;
    private const int EagerPort = 9001;
    private const int ConfirmedPort = 9002;
    private const int TlsPort = 9003;
    private const int StandingPort = 9004;
    private const int SourcePort = 9005;

    private NetnsCluster? _cluster;
    private Exception? _failure;

    /// <summary>Throws here, in a test, what the start threw: a failure of all of them, or the reason to skip them.</summary>
    internal NetnsCluster Cluster
    {
        get
        {
            if (_failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
            }

            return _cluster!;
        }
    }

    internal CountingTarget Target { get; private set; } = null!;

    internal TargetServer Standing { get; private set; } = null!;

    internal TargetServer Source { get; private set; } = null!;

    /// <summary>Ports of both edges, so that each kind of client comes to each edge.</summary>
    internal IReadOnlyList<LoadPort> LoadPorts { get; } =
    [
        .. from port in new[] { (EagerPort, LoadKind.Eager), (ConfirmedPort, LoadKind.Confirmed), (TlsPort, LoadKind.Tls) }
           from edge in NetnsCluster.Edges
           select new LoadPort(new IPEndPoint(NetnsCluster.Address(edge), port.Item1), port.Item2),
    ];

    internal IReadOnlyList<IPEndPoint> StandingPorts { get; } = At(StandingPort);

    internal IReadOnlyList<IPEndPoint> SourcePorts { get; } = At(SourcePort);

    /// <summary>As the edges' configuration has them.</summary>
    internal IReadOnlyList<PortSpec> Ports =>
    [
        new PortSpec(EagerPort, Target.Plain.ToString()),
        new PortSpec(ConfirmedPort, Target.Plain.ToString(), Open: "confirmed"),
        new PortSpec(TlsPort, Target.Tls.ToString()),
        new PortSpec(StandingPort, Standing.EndPoint.ToString()),
        new PortSpec(SourcePort, Source.EndPoint.ToString()),
    ];

    public async ValueTask InitializeAsync()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3));
        try
        {
            _cluster = await NetnsCluster.CreateAsync("--drain-timeout 40s", token);
            var address = NetnsCluster.Address("target");
            Target = new CountingTarget(Cluster.Targets, address);
            Standing = StandingClients.CreateTarget(Cluster.Targets, address);
            Source = Cluster.Targets.Run(() => new TargetServer(Handlers.SourceAsync, address: address));
            await Cluster.SetPortsAsync(Ports, token);
            await WarmUpAsync();
        }
        catch (Exception exception)
        {
            await DisposeAsync();
            _failure = exception;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            _cluster = null;
            await cluster.DisposeAsync();
        }

        foreach (var server in new IAsyncDisposable?[] { Target, Standing, Source })
        {
            await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    internal LoadClient StartLoad() => LoadClient.Start(Cluster.Clients, LoadPorts, PerSecond);

    /// <summary>What holds in every test, however hubs end: no request twice, and none lost that was answered.</summary>
    internal void AssertNothingTwice(LoadReport report)
    {
        Assert.Empty(Target.Duplicates);
        Assert.All(report.Results.Where(static result => result.Failure is null), result => Assert.Equal(1, Target.Count(result.Id)));
    }

    private static IReadOnlyList<IPEndPoint> At(int port) => [.. NetnsCluster.Edges.Select(edge => new IPEndPoint(NetnsCluster.Address(edge), port))];

    // Code that runs for the first time is compiled first: on two cores that is longer than what is measured.
    private async Task WarmUpAsync()
    {
        await using var load = StartLoad();
        await load.GoOnAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
        var report = await load.StopAsync();
        Assert.True(report.Failures.Count == 0, report.Describe());
    }
}
