using RemoteIngress.Fuzz.Engine;

namespace RemoteIngress.Fuzz.Tests;

/// <summary>Every target over its corpus and a fixed number of changed inputs: the same ones every time.</summary>
public sealed class CorpusTests
{
    private const int Seed = 20_260_701;
    private const int Mutations = 3000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_CorpusAndMutations_HoldsWhatItMust(string name)
    {
        var loop = new FuzzLoop(FuzzTargets.Find(name)!, Seed);
        var inputs = Corpus.Load(name).Count + Mutations;
        for (var i = 0; i < inputs; i++)
        {
            if (loop.Step() is { } crash)
            {
                Assert.Fail(crash.ToString());
            }
        }

        Assert.True(loop.Outcomes > 1, "every input had the same outcome: the corpus does not reach the parser");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Corpus_EveryTarget_HasInputsOfSeveralOutcomes(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var outcomes = Corpus.Load(name).Select(file => target.Run(file.Bytes)).Distinct();

        Assert.True(outcomes.Count() >= 2, "needs one input that is accepted and one that is not");
    }
}
