using System.Text.Json;
using RemoteIngress.Testing.Fixtures;

namespace RemoteIngress.Testing.Faults;

/// <summary>What edge and hub hold while nothing happens, to be found again after everything that a test did to them.</summary>
public sealed class LeakCheck
{
    private readonly TunnelFixture _tunnel;
    private readonly int _edgeFiles;
    private readonly int _hubFiles;

    private LeakCheck(TunnelFixture tunnel)
    {
        _tunnel = tunnel;
        _edgeFiles = tunnel.Edge.Process.OpenFiles;
        _hubFiles = tunnel.Hub.Process.OpenFiles;
    }

    /// <summary>Waits until no stream is open, and notes the descriptors.</summary>
    public static async Task<LeakCheck> StartAsync(TunnelFixture tunnel, CancellationToken cancellation)
    {
        // metrics first: what the hub opens for its first scrape stays open
        await tunnel.Hub.ReadMetricAsync("remoteingress_hub_tunnels", null, cancellation);
        await WaitForNoStreamsOfEdgeAsync(tunnel, cancellation);
        await WaitForNoStreamsOfHubAsync(tunnel, cancellation);
        return new LeakCheck(tunnel);
    }

    /// <summary>No stream in either status, and no more descriptors than at the start.</summary>
    public async Task NothingIsLeftAsync(CancellationToken cancellation)
    {
        await EdgeHasNothingLeftAsync(cancellation);
        await HubHasNothingLeftAsync(cancellation);
    }

    /// <summary>The edge alone, when the hub was replaced.</summary>
    public async Task EdgeHasNothingLeftAsync(CancellationToken cancellation)
    {
        await WaitForNoStreamsOfEdgeAsync(_tunnel, cancellation);
        var edge = _tunnel.Edge.Process;
        await UntilAsync(() => $"the edge's descriptors: {_edgeFiles} at the start, {edge.OpenFiles} now", () => edge.OpenFiles <= _edgeFiles, cancellation);
    }

    /// <summary>The hub alone, when the edge is gone.</summary>
    public async Task HubHasNothingLeftAsync(CancellationToken cancellation)
    {
        await WaitForNoStreamsOfHubAsync(_tunnel, cancellation);
        var hub = _tunnel.Hub.Process;
        await UntilAsync(() => $"the hub's descriptors: {_hubFiles} at the start, {hub.OpenFiles} now", () => hub.OpenFiles <= _hubFiles, cancellation);
    }

    private static Task<TimeSpan> WaitForNoStreamsOfEdgeAsync(TunnelFixture tunnel, CancellationToken cancellation) => Poll.UntilAsync(
        "no stream in the edge's status",
        async token => await tunnel.Edge.TryGetStatusAsync(token) is { } status && status.GetProperty("activeStreams").GetInt64() == 0
            && status.GetProperty("tunnels").EnumerateArray().All(static link => link.GetProperty("activeStreams").GetInt64() == 0),
        cancellation);

    private static Task<TimeSpan> WaitForNoStreamsOfHubAsync(TunnelFixture tunnel, CancellationToken cancellation) => Poll.UntilAsync(
        "no stream in the hub's status",
        async token => JsonSerializer.Deserialize<JsonElement>(await tunnel.Hub.GetAsync("status", token)).GetProperty("connectedEdges")
            .EnumerateArray().All(static edge => edge.GetProperty("activeStreams").GetInt64() == 0),
        cancellation);

    private static async Task UntilAsync(Func<string> what, Func<bool> condition, CancellationToken cancellation)
    {
        try
        {
            await Poll.UntilAsync("descriptors", condition, cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(what());
        }
    }
}
