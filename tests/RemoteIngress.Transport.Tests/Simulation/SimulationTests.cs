using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RemoteIngress.Testing.Simulation;

namespace RemoteIngress.Transport.Tests.Simulation;

/// <summary>
/// The deterministic simulator over the sans-I/O core: always the same seeds, on all cores. <c>REMOTEINGRESS_SIM_SEEDS</c> asks for another
/// number of them and <c>REMOTEINGRESS_SIM_FIRST</c> for another first one.
/// </summary>
[Collection(nameof(AloneOnAllCores))]
public sealed class SimulationTests
{
    private const int Seeds = 4000;

    [Fact]
    public void Seeds_KeepEveryInvariant()
    {
        var first = Number("REMOTEINGRESS_SIM_FIRST") ?? 0;
        var count = Number("REMOTEINGRESS_SIM_SEEDS") ?? Seeds;
        var clock = Stopwatch.StartNew();
        var summaries = new SimSummary?[count];
        var next = -1;
        var failures = new ConcurrentQueue<Exception>();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            int number;
            while (failures.IsEmpty && (number = Interlocked.Increment(ref next)) < count)
            {
                try
                {
                    summaries[number] = SimWorld.Run(first + number);
                }
                catch (InvariantException exception)
                {
                    failures.Enqueue(exception);
                }
            }
        });

        // One failing seed is enough to read, and says how to run it again.
        Assert.True(failures.IsEmpty, failures.FirstOrDefault()?.Message);
        Console.WriteLine($"Simulation: {count} seeds from {first} on in {clock.Elapsed.TotalSeconds:F0} s, {summaries.Sum(summary => summary!.Connections)} clients");
        Assert.True(count < Seeds || summaries.Any(summary => summary!.Parked), "no seed ever came near a tunnel's budget");
        Assert.True(count < Seeds || summaries.Any(summary => summary!.GivenUp), "no seed ever had bytes that nobody took");
    }

    /// <summary>Seeds that once found a defect, and the place to replay one that just did.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)] // a peer was told the end of its stream after its tunnel's owner was told the end of the tunnel
    public void Replay(int seed) => Assert.Equal(SimWorld.Run(seed), SimWorld.Run(seed));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
