using RemoteIngress.Fuzz.Engine;

namespace RemoteIngress.Fuzz.Tests;

public sealed class FuzzLoopTests
{
    [Fact]
    public void Step_SameSeed_SameInputs() => Assert.Equal(Inputs(seed: 7), Inputs(seed: 7));

    [Fact]
    public void Step_OtherSeed_OtherInputs() => Assert.NotEqual(Inputs(seed: 7), Inputs(seed: 8));

    [Fact]
    public void Step_TargetThrows_SaysTargetSeedAndInputAndSavesIt()
    {
        var loop = new FuzzLoop(new BrittleTarget(), seed: 3);
        FuzzCrash? crash = null;
        for (var i = 0; i < 1_000_000 && crash is null; i++)
        {
            crash = loop.Step();
        }

        Assert.NotNull(crash);
        Assert.Contains("target=brittle seed=3", crash.ToString(), StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(crash.Input), crash.ToString(), StringComparison.Ordinal);
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            Assert.Equal(crash.Input, File.ReadAllBytes(crash.Save(directory.FullName)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string[] Inputs(int seed)
    {
        var loop = new FuzzLoop(FuzzTargets.Find("proxy-v1")!, seed);
        var inputs = new string[500];
        for (var i = 0; i < inputs.Length; i++)
        {
            Assert.Null(loop.Step());
            inputs[i] = Convert.ToHexString(loop.Current);
        }

        return inputs;
    }
}
