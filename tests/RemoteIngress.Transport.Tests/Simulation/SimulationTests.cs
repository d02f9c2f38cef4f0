using System.Diagnostics;
using System.Globalization;
using RemoteIngress.Testing.Simulation;

namespace RemoteIngress.Transport.Tests.Simulation;

/// <summary>
/// The deterministic simulator over the sans-I/O core. Without a word it runs as many seeds as fit into its time, always from the first one
/// on; <c>REMOTEINGRESS_SIM_SEEDS</c> asks for a number of them instead and <c>REMOTEINGRESS_SIM_FIRST</c> for another first one.
/// </summary>
public sealed class SimulationTests
{
    private const int FewestSeeds = 200;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    [Fact]
    public void Seeds_KeepEveryInvariant()
    {
        var first = Number("REMOTEINGRESS_SIM_FIRST") ?? 0;
        var wanted = Number("REMOTEINGRESS_SIM_SEEDS");
        var clock = Stopwatch.StartNew();
        var next = first - 1;
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            int seed;
            while (IsWanted(seed = Interlocked.Increment(ref next)))
            {
                SimWorld.Run(seed);
            }
        });

        // Each worker stopped at one seed that it did not run.
        var count = wanted ?? next - first + 1 - Environment.ProcessorCount;
        Console.WriteLine($"Simulation: {count} seeds from {first} on in {clock.Elapsed.TotalSeconds:F0} s");

        bool IsWanted(int seed) =>
            wanted is null ? clock.Elapsed < Budget || seed < first + FewestSeeds : seed < first + wanted;
    }

    /// <summary>Seeds that once found a defect, and the place to replay one that just did.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)] // a peer was told the end of its stream after its tunnel's owner was told the end of the tunnel
    public void Replay(int seed) => Assert.Equal(SimWorld.Run(seed), SimWorld.Run(seed));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
