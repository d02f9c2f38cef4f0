using System.Net;
using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Configuration;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Edge.PublicIp;
using RemoteIngress.Edge.Status;

namespace RemoteIngress.Edge;

/// <summary>The public address, and what the hubs are told of this edge.</summary>
public sealed partial class RemoteIngressEdge
{
    private PublicIpMonitor? _publicIp;
    private StatusReporter? _reporter;
    private string? _toldPublicIp;

    private void PrepareReports(EdgeLoops loops, SnapshotApplier snapshots)
    {
        _reporter = new StatusReporter(loops.All, () => _publicIp?.State.Address, _time);
        if (!StunServer.IsOff(_options.StunServer) && StunServer.TryParse(_options.StunServer, out var server))
        {
            _publicIp = new PublicIpMonitor(server, _options.BindAddress, _time, _loggers.CreateLogger<PublicIpMonitor>());
            _publicIp.Changed += OnPublicIpChanged;
            snapshots.Changed += snapshot => _publicIp.SetInterval(snapshot.StunIntervalSecs);
            PublicIpMetrics.AddTo(_metrics!.Meter, EdgeMetrics.Prefix, _publicIp.Counters);
        }

        loops.Revived = WatchTunnels;
        foreach (var loop in loops.All)
        {
            WatchTunnels(loop);
        }
    }

    private void WatchTunnels(EdgeLoop loop)
    {
        var wasConnected = false;
        loop.Pool.BecameReady += () =>
        {
            _reporter!.Wake();

            // Without any tunnel for a while, or with a network that comes up later than we do: the address may be another now.
            if (loop.Pool.Ready == 1 && (wasConnected || _publicIp?.State.Error is not null))
            {
                _publicIp?.AskSoon();
            }

            wasConnected = true;
        };
    }

    private void OnPublicIpChanged(IPAddress address)
    {
        _reporter!.Wake();
        _events.RaisePublicIp(address.ToString(), Interlocked.Exchange(ref _toldPublicIp, address.ToString()));
    }

    private Task StartReports() => Task.WhenAll(
        _supervisor.Start("status reports", () => _reporter!.RunAsync(_stopping.Token), _stopping.Token),
        _supervisor.Start("public address", () => _publicIp?.RunAsync(_stopping.Token) ?? Task.CompletedTask, _stopping.Token));

    private EdgeStatus WithPublicIp(EdgeStatus status)
    {
        if (_publicIp is not { } monitor)
        {
            return status with { Stun = new EdgeStunStatus { State = "off" } };
        }

        var state = monitor.State;
        return status with
        {
            PublicIp = state.Address?.ToString(),
            Stun = new EdgeStunStatus
            {
                Server = monitor.Server.ToString(),
                State = state.Error is not null ? "failed" : state.LastSuccess is null ? "pending" : "ok",
                IPv4 = state.IPv4?.ToString(),
                IPv6 = state.IPv6?.ToString(),
                Error = state.Error,
                LastSuccess = state.LastSuccess,
                Ignored = monitor.Counters.Ignored(),
            },
        };
    }
}
