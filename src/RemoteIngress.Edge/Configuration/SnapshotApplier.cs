using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Listeners;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Edge.Configuration;

/// <summary>
/// Takes the snapshots that hubs push: the highest generation wins, whichever hub it came from; the last good one stays in force when
/// every hub is gone. Ports that cannot be bound are reported (CONFIG_ACK) and tried again with growing delay. Ordinary async code: one
/// reader, no lock.
/// </summary>
internal sealed partial class SnapshotApplier(
    IReadOnlyList<EdgeLoop> loops,
    PortBinder binder,
    EdgeNotices notices,
    EdgeEvents events,
    TimeProvider time,
    ILogger<SnapshotApplier> logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = logger;
    private AppliedSnapshot _applied = AppliedSnapshot.None;
    private TimeSpan _retry = FirstRetry;
    private string _told = "";

    /// <summary>What is in force. Thread-safe.</summary>
    internal AppliedSnapshot Applied => Volatile.Read(ref _applied);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var config = await NextAsync(cancellationToken);
            if (config is null)
            {
                await RetryAsync();
            }
            else
            {
                await OnConfigAsync(config);
            }
        }
    }

    /// <summary>The next snapshot, or null when it is time to try the failed ports again, or those of a loop that was revived.</summary>
    private async Task<ConfigReceived?> NextAsync(CancellationToken cancellationToken)
    {
        if (Applied.Results.All(result => result.Ok))
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

    private async Task OnConfigAsync(ConfigReceived config)
    {
        if (!ControlCodec.TryDecode<EdgeSnapshot>(config.Payload, out var snapshot, out var error))
        {
            LogUnreadable(config.Tunnel.Hub, error ?? "");
            loops[config.Loop].Loop.Post(() => config.Tunnel.Close(TunnelEndReason.ProtocolError, $"CONFIG: {error}"));
            return;
        }

        if (snapshot!.Generation > Applied.Generation)
        {
            _retry = FirstRetry;
            await ApplyAsync(snapshot);
            LogApplied(snapshot.Generation, string.Join(", ", snapshot.ListenPorts));
        }

        await AcknowledgeAsync(loops[config.Loop], config.Tunnel);
    }

    private async Task RetryAsync()
    {
        if (Applied.Snapshot is not { } snapshot)
        {
            return;
        }

        var failed = Applied.Results.Count(result => !result.Ok);
        await ApplyAsync(snapshot);
        _retry = _retry * 2 < LastRetry ? _retry * 2 : LastRetry;
        if (Applied.Results.Count(result => !result.Ok) != failed)
        {
            await AcknowledgeByAnyAsync();
        }
    }

    private async Task ApplyAsync(EdgeSnapshot snapshot)
    {
        var ports = snapshot.ListenPorts.Select(port => new PortSpec(port, IsConfirmed(snapshot, port))).ToArray();
        var results = await binder.ApplyAsync(ports);
        var before = Applied;
        Volatile.Write(ref _applied, new AppliedSnapshot(snapshot, results));
        if (before.Snapshot is null || !results.SequenceEqual(before.Results))
        {
            events.RaisePorts(isFirst: before.Snapshot is null, snapshot.Generation, results);
        }

        Tell(results);
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
        var ack = ControlCodec.Encode(new ConfigAck { Generation = Applied.Generation, Ports = Applied.Results });
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
        var failures = string.Join("; ", results.Where(result => !result.Ok).Select(result => $"port {result.Port}: {result.Error}"));
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
