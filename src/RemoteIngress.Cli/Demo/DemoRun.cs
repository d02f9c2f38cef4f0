using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Edge;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Hub;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Demo;

/// <summary>Hub, edge and target in one process on free ports of loopback, with one request through all of it.</summary>
internal sealed class DemoRun(CliContext context, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    private const string EdgeName = "demo-edge";
    private static readonly IPAddress Client = IPAddress.Parse("127.0.0.2");
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly string _secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly string _dataDir = Directory.CreateTempSubdirectory("remoteingress-demo-").FullName;
    private readonly IPEndPoint _public = new(IPAddress.Loopback, FreePort());
    private WebTarget? _target;
    private RemoteIngressHub? _hub;
    private RemoteIngressEdge? _edge;

    public string Url => $"http://{_public}/";

    public async Task RunAsync(CancellationToken stop)
    {
        await StepAsync("target", StartTargetAsync, stop);
        await StepAsync("hub", StartHubAsync, stop);
        await StepAsync("edge", StartEdgeAsync, stop);
        await StepAsync("tunnel", WaitForPortAsync, stop);
        await StepAsync("request", RequestAsync, stop);
    }

    public async ValueTask DisposeAsync()
    {
        // the edge first: it drains into the hub
        if (_edge is not null)
        {
            await _edge.DisposeAsync();
        }

        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        if (_target is not null)
        {
            await _target.DisposeAsync();
        }

        Directory.Delete(_dataDir, recursive: true);
    }

    private async Task StepAsync(string name, Func<CancellationToken, Task<string>> step, CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(StepTimeout);
        try
        {
            context.Out.WriteLine($"{name,-8} {await step(deadline.Token)}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw CliException.Failed($"demo: step '{name}' took longer than {StepTimeout.TotalSeconds:0} s; run it again with --log-level debug");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw CliException.Failed($"demo: step '{name}' failed: {exception.Message}");
        }
    }

    private Task<string> StartTargetAsync(CancellationToken cancellation)
    {
        _target = new WebTarget();
        return Task.FromResult($"a web server listens on {_target.EndPoint}");
    }

    private async Task<string> StartHubAsync(CancellationToken cancellation)
    {
        var options = new HubOptions
        {
            TunnelAddress = IPAddress.Loopback.ToString(),
            TunnelPort = 0,
            HubId = "demo-hub",
            ClusterId = "demo",
            AdminUrl = "none",
            DataDir = Path.Combine(_dataDir, "hub"),
            DrainTimeout = DrainTimeout,
            AllowedEdges = [AllowedEdge()],
        };
        _hub = new RemoteIngressHub(options, loggerFactory);
        await _hub.StartAsync(cancellation);
        return $"takes tunnels on 127.0.0.1:{_hub.GetStatus().TunnelPort}, allows {EdgeName} and gives it the public port {_public.Port}";
    }

    private AllowedEdge AllowedEdge() => new()
    {
        Id = EdgeName,
        Secret = _secret,
        ListenPorts = [_public.Port],
        PortOptions = ImmutableDictionary<string, PortOptions>.Empty.Add(
            _public.Port.ToString(CultureInfo.InvariantCulture), new PortOptions { Target = _target!.EndPoint.ToString() }),
    };

    private async Task<string> StartEdgeAsync(CancellationToken cancellation)
    {
        var hub = new HubAddress("127.0.0.1", _hub!.GetStatus().TunnelPort);
        var options = new EdgeOptions
        {
            Hubs = [hub],
            EdgeId = EdgeName,
            Secret = _secret,
            BindAddress = IPAddress.Loopback,
            Firewall = FirewallMode.Off,
            StatusUrl = "none",
            StunServer = "none",
            Transport = EdgeTransport.TcpTls,
            DrainTimeout = DrainTimeout,
        };
        _edge = new RemoteIngressEdge(options, loggerFactory);
        await _edge.StartAsync(cancellation);
        return $"dials {hub} with its id and secret, and knows nothing else";
    }

    private async Task<string> WaitForPortAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(PollInterval, context.Time);
        while (true)
        {
            if (_hub!.GetStatus().ConnectedEdges is [{ AcknowledgedGeneration: > 0 } edge] && edge.AcknowledgedGeneration == edge.Generation)
            {
                return $"is up over {edge.Transport}: the hub pushed the configuration and the edge opened {_public}";
            }

            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private async Task<string> RequestAsync(CancellationToken cancellation)
    {
        var (from, body) = await DemoClient.GetAsync(Client, _public, cancellation);
        return body.Contains($"You are {from},", StringComparison.Ordinal)
            ? $"from {from} to {Url} was answered: \"{body}\""
            : throw new DemoException($"the client was {from}, but the target answered: {body}");
    }

    private static int FreePort()
    {
        // the registry needs the number before the edge binds it; nobody else gets this port from the kernel so soon
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
