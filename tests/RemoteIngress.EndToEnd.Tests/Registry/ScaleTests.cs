using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using StackExchange.Redis;

namespace RemoteIngress.EndToEnd.Tests.Registry;

/// <summary>A large fleet: reconciled, recognized as unchanged, also by hubs that have just started. infra/scripts/scale.sh is the run with figures.</summary>
public sealed class ScaleTests
{
    private const int Hubs = 2;

    // one list may carry so many that are new within the deadline of a reconcile
    private const int Step = 25_000;
    private static readonly int Edges = int.Parse(Environment.GetEnvironmentVariable("REMOTEINGRESS_SCALE_EDGES") is { Length: > 0 } text ? text : "2000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task LargeFleet_IsReconciledAndRecognizedWithoutAWrite()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3) + TimeSpan.FromMilliseconds(10 * Edges));
        await using var hubs = await RegistryHubs.StartAsync(Hubs, token);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(hubs.Redis.ConnectionString);
        var memory = await MemoryAsync(hubs, token);
        EdgeSpec[] edges = [.. Enumerable.Range(0, Edges).Select(i => new EdgeSpec($"edge-{i:000000}", Secret(i)) { Ports = [new PortSpec(443), new PortSpec(8443)] })];

        for (var count = Math.Min(Step, Edges); ; count = Math.Min(count + Step, Edges))
        {
            var (result, time) = await PutAsync(hubs[0], edges[..count], token);
            Report($"{result.GetProperty("created").GetArrayLength()} new edges (of {count})", time);
            if (count == Edges)
            {
                break;
            }
        }

        await ReportMemoryAsync(hubs, memory, token);
        var etags = await RegistryHubs.EtagsAsync(redis);
        Assert.True(etags.Count > Edges);
        await AssertUnchangedAsync("unchanged", hubs[0], edges, token);
        await AssertUnchangedAsync("unchanged, through another hub", hubs[1], edges, token);
        Assert.Equal(etags, await RegistryHubs.EtagsAsync(redis));

        for (var i = 0; i < Hubs; i++)
        {
            Assert.Equal(0, await hubs[i].Process.TerminateAsync(token));
        }

        for (var i = 0; i < Hubs; i++)
        {
            await hubs.RestartAsync(i, token);
        }

        await AssertUnchangedAsync("unchanged, right after all hubs have been restarted", hubs[1], edges, token);
        Assert.Equal(etags, await RegistryHubs.EtagsAsync(redis));

        // the comparison can fail: one of them changed is found, and only that one
        edges[Edges / 2] = edges[Edges / 2] with { Secret = "another secret" };
        var (changed, changeTime) = await PutAsync(hubs[0], edges, token);
        Report("one secret changed", changeTime);
        Assert.Equal([edges[Edges / 2].Id], changed.GetProperty("updated").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(Edges - 1, changed.GetProperty("unchanged").GetArrayLength());
    }

    private static async Task AssertUnchangedAsync(string what, HubFixture hub, EdgeSpec[] edges, CancellationToken token)
    {
        var (result, time) = await PutAsync(hub, edges, token);
        Report(what, time);
        Assert.Equal(Edges, result.GetProperty("unchanged").GetArrayLength());
    }

    private static async Task<(JsonElement Result, TimeSpan Time)> PutAsync(HubFixture hub, EdgeSpec[] edges, CancellationToken token)
    {
        var json = EdgeSpec.ToJson(edges);
        var clock = Stopwatch.StartNew();
        var (status, body) = await hub.PutAsync("edges", json, token);
        Assert.True(status == 200, $"{status} {body}\n{hub.Process.Text}");
        return (JsonSerializer.Deserialize<JsonElement>(body), clock.Elapsed);
    }

    // as long as a random one, and told by its number
    private static string Secret(int number) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)));

    private static async Task<(long Resident, long Heap)> MemoryAsync(RegistryHubs hubs, CancellationToken token)
    {
        long heap = 0;
        foreach (var hub in hubs.All)
        {
            heap += (await hub.ReadMetricsAsync(token)).Sum("dotnet_gc_last_collection_heap_size_bytes");
        }

        return (hubs.All.Sum(hub => hub.Process.ResidentBytes), heap);
    }

    private static async Task ReportMemoryAsync(RegistryHubs hubs, (long Resident, long Heap) before, CancellationToken token)
    {
        var (resident, heap) = await MemoryAsync(hubs, token);
        ScaleReport.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"memory of {Hubs} hubs together, {Edges} edges: resident {before.Resident >> 20} -> {resident >> 20} MiB ({(resident - before.Resident) / Edges} bytes an edge), heap at the last collection {before.Heap >> 20} -> {heap >> 20} MiB ({(heap - before.Heap) / Edges} bytes an edge)"));
    }

    private static void Report(string what, TimeSpan time) =>
        ScaleReport.Write(string.Create(CultureInfo.InvariantCulture, $"{what}: {time.TotalMilliseconds:0} ms"));
}
