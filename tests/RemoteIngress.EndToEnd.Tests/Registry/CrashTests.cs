using System.Diagnostics;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using StackExchange.Redis;

namespace RemoteIngress.EndToEnd.Tests.Registry;

public sealed class CrashTests
{
    private const int Edges = 1000;
    private const int Attempts = 5;
    // Nobody would finish it at all, were the fleet not woken.
    private static readonly TimeSpan FinishLimit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task HubKilledBetweenIntentAndFanOut_TheOthersFinishIt()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(2));

        // the fleet's grain is where the first one was asked for it, and stays there
        await using var hubs = await RegistryHubs.StartAsync(1, token);
        await hubs.AddAsync(token);
        await hubs.AddAsync(token);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(hubs.Redis.ConnectionString);
        var database = redis.GetDatabase();

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var prefix = $"round-{attempt}";
            var put = hubs[0].PutAsync("edges", EdgeSpec.ToJson(Enumerable.Range(0, Edges).Select(i => new EdgeSpec($"{prefix}-{i}", "a secret of this test"))), token);
            while (!RegistryHubs.HasPending(await RegistryHubs.FleetStateAsync(database)))
            {
                Assert.False(put.IsCompleted && attempt == Attempts - 1, "the list was done before anybody could look");
                if (put.IsCompleted)
                {
                    break;
                }
            }

            if (!put.IsCompleted)
            {
                await RegistryHubs.KillAsync(hubs[0], token);
                var clock = Stopwatch.StartNew();
                if (RegistryHubs.HasPending(await RegistryHubs.FleetStateAsync(database)))
                {
                    await Assert.ThrowsAnyAsync<HttpRequestException>(() => put);
                    await AssertFinishedAsync(hubs, database, prefix, clock, token);
                    return;
                }
            }

            // it was faster than this test: once more, with the hub that was not meant to die
            await Task.WhenAny(put);
            if (hubs[0].Process.HasExited)
            {
                await hubs.RestartAsync(0, token);
            }
        }

        Assert.Fail("no attempt hit the moment between intent and fan-out");
    }

    private static async Task AssertFinishedAsync(RegistryHubs hubs, IDatabase database, string prefix, Stopwatch clock, CancellationToken token)
    {
        await Poll.UntilAsync("nothing is pending", async _ => !RegistryHubs.HasPending(await RegistryHubs.FleetStateAsync(database)), token);
        TestContext.Current.TestOutputHelper?.WriteLine($"finished after {clock.ElapsedMilliseconds} ms");
        Assert.True(clock.Elapsed < FinishLimit, $"took {clock.ElapsedMilliseconds} ms\n{hubs[1].Process.Text}\n{hubs[2].Process.Text}");
        foreach (var hub in new[] { hubs[1], hubs[2] })
        {
            var ids = JsonSerializer.Deserialize<JsonElement>(await hub.GetAsync("edges", token)).EnumerateArray().Select(edge => edge.GetProperty("id").GetString()!).ToHashSet();
            Assert.Equal(Edges, ids.Count);
            Assert.All(ids, id => Assert.StartsWith(prefix, id, StringComparison.Ordinal));
        }
    }
}
