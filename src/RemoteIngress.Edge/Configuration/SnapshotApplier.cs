using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Edge.Listeners;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Edge.Configuration;

/// <summary>
/// Takes the snapshots that hubs push: the highest generation wins, whichever hub it came from; the last good one stays in force when
/// every hub is gone. The packet filter comes first, so that nobody it blocks meets a new port, and a slow one holds the ports up for two
/// seconds at most. What cannot be had is reported (CONFIG_ACK) and tried again with growing delay. Ordinary async code: one reader, no lock.
/// </summary>
internal sealed partial class SnapshotApplier(
    IReadOnlyList<EdgeLoop> loops,
    PortBinder binder,
    PacketFilter firewall,
    EdgeNotices notices,
    EdgeEvents events,
    TimeProvider time,
    ILogger<SnapshotApplier> logger)
{
    private static readonly TimeSpan FirewallFirst = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = logger;
    private AppliedSnapshot _applied = AppliedSnapshot.None;
    private TimeSpan _retry = FirstRetry;
    private string _told = "";

    /// <summary>What is in force. Thread-safe.</summary>
    internal AppliedSnapshot Applied => Volatile.Read(ref _applied);

    /// <summary>Another snapshot is in force. Raised by the one reader: handlers must not block.</summary>
    internal event Action<EdgeSnapshot>? Changed;

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var config = await NextAsync(cancellationToken);
            if (config is null)
            {
                await RetryAsync(cancellationToken);
            }
            else
            {
                await OnConfigAsync(config, cancellationToken);
            }
        }
    }

    /// <summary>The next snapshot, or null when it is time to try again what failed, or to open the ports of a loop that was revived.</summary>
    private async Task<ConfigReceived?> NextAsync(CancellationToken cancellationToken)
    {
        if (Applied.Results.All(result => result.Ok) && !firewall.NeedsRetry)
        {
            return await notices.ReadConfigAsync(cancellationToken);
        }

        using var delay = new CancellationTokenSource(_retry, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, delay.Token);
        try
        {
            return await notices.ReadConfigAsync(both.Token);
        }
        catch (OperationCanceledException) when (delay.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task OnConfigAsync(ConfigReceived config, CancellationToken cancellationToken)
    {
        if (!ControlCodec.TryDecode<EdgeSnapshot>(config.Payload, out var snapshot, out var error))
        {
            LogUnreadable(config.Tunnel.Hub, error ?? "");
            loops[config.Loop].Loop.Post(() => config.Tunnel.Close(TunnelEndReason.ProtocolError, $"CONFIG: {error}"));
            return;
        }

        notices.Hubs.OnSaid(config.Tunnel.HubId!, snapshot!.Hubs, snapshot.HubsVersion ?? 0);
        if (snapshot.Generation > Applied.Generation)
        {
            _retry = FirstRetry;
            await ApplyAsync(snapshot, cancellationToken);
            Changed?.Invoke(snapshot);
            LogApplied(snapshot.Generation, string.Join(", ", snapshot.ListenPorts.Select(port => $"{port}").Concat(snapshot.ListenPortsUdp.Select(port => $"{port}/udp"))));
        }

        await AcknowledgeAsync(loops[config.Loop], config.Tunnel);
    }

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        if (Applied.Snapshot is not { } snapshot)
        {
            return;
        }

        var (failed, before) = (Applied.Results.Count(result => !result.Ok), firewall.State);
        await ApplyAsync(snapshot, cancellationToken);
        _retry = _retry * 2 < LastRetry ? _retry * 2 : LastRetry;
        if (Applied.Results.Count(result => !result.Ok) != failed || firewall.State != before)
        {
            await AcknowledgeByAnyAsync();
        }
    }

    private async Task ApplyAsync(EdgeSnapshot snapshot, CancellationToken cancellationToken)
    {
        var filtering = FilterAsync(snapshot, cancellationToken);
        await filtering.WaitAsync(FirewallFirst, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var tcp = snapshot.ListenPorts.Select(port => new PortSpec(port, IsUdp: false, IsConfirmed(snapshot, port)));
        var udp = snapshot.ListenPortsUdp.Select(port => new PortSpec(port, IsUdp: true, IsConfirmed: false));
        var results = await binder.ApplyAsync([.. tcp, .. udp]);
        var before = Applied;
        Volatile.Write(ref _applied, new AppliedSnapshot(snapshot, results));
        if (before.Snapshot is null || !results.SequenceEqual(before.Results))
        {
            events.RaisePorts(isFirst: before.Snapshot is null, snapshot.Generation, results);
        }

        Tell(results);
        await filtering;
    }

    private async Task FilterAsync(EdgeSnapshot snapshot, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (await firewall.ApplyAsync(snapshot.FirewallConfig, cancellationToken))
        {
            events.RaiseFirewall(snapshot.Generation, firewall.Outcome);
            notices.Add(new FirewallChanged(snapshot.Generation, firewall.State, time.GetElapsedTime(start)));
        }
    }

    private async Task AcknowledgeByAnyAsync()
    {
        foreach (var loop in loops)
        {
            if (await AcknowledgeAsync(loop, tunnel: null))
            {
                return;
            }
        }
    }

    private async Task<bool> AcknowledgeAsync(EdgeLoop loop, HubTunnel? tunnel)
    {
        var applied = Applied;
        var ack = ControlCodec.Encode(new ConfigAck
        {
            Generation = applied.Generation,
            Ports = applied.Results,
            Firewall = firewall.Result(applied.Snapshot?.FirewallConfig),
        });
        try
        {
            return await loop.Loop.InvokeAsync(() => loop.Pool.TrySend(tunnel, FrameType.ConfigAck, ack));
        }
        catch (ObjectDisposedException)
        {
            // It died, and the tunnel with it; the hub asks again over another one.
            return false;
        }
    }

    private void Tell(IReadOnlyList<PortResult> results)
    {
        var failures = string.Join("; ", results.Where(result => !result.Ok).Select(result => $"port {result.Port}/{result.Protocol}: {result.Error}"));
        if (failures != _told && failures.Length > 0)
        {
            LogFailures(failures);
        }

        _told = failures;
    }

    private static bool IsConfirmed(EdgeSnapshot snapshot, int port) =>
        snapshot.PortOptions?.GetValueOrDefault(port.ToString(System.Globalization.CultureInfo.InvariantCulture))?.Open == "confirmed";

    [LoggerMessage(2101, LogLevel.Information, "configuration {Generation} in force, ports: {Ports}", EventName = "ConfigApplied")]
    private partial void LogApplied(long generation, string ports);

    [LoggerMessage(2102, LogLevel.Warning, "some ports cannot be opened, tried again until they can: {Failures}", EventName = "PortsFailed")]
    private partial void LogFailures(string failures);

    [LoggerMessage(2103, LogLevel.Error, "hub {Hub} sent a configuration that cannot be read, the last good one stays: {Error}", EventName = "ConfigUnreadable")]
    private partial void LogUnreadable(Protocol.Tokens.HubAddress hub, string error);
}
