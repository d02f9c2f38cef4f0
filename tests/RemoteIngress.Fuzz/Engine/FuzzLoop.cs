namespace RemoteIngress.Fuzz.Engine;

/// <summary>
/// Feeds one target: first its corpus, then changed inputs without end. Everything follows from the seed, so that a run of the same
/// length finds the same. No coverage is measured; an input whose outcome is new is kept and changed further.
/// </summary>
internal sealed class FuzzLoop
{
    private const int MaxKept = 1024;

    private readonly IFuzzTarget _target;
    private readonly int _seed;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _inputs;
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private int _corpusLeft;

    public FuzzLoop(IFuzzTarget target, int seed)
    {
        _target = target;
        _seed = seed;
        _random = new Random(seed);
        _mutator = new Mutator(_random, target.Dictionary);
        _inputs = [.. Corpus.Load(target.Name).Select(file => file.Bytes)];
        _corpusLeft = _inputs.Count;
        if (_corpusLeft == 0)
        {
            _inputs.Add([]);
        }
    }

    public string Target => _target.Name;

    public long Executions { get; private set; }

    public int Outcomes => _outcomes.Count;

    /// <summary>What the target is busy with: for whoever finds that it does not come back.</summary>
    public byte[] Current { get; private set; } = [];

    /// <summary>Runs one input and returns what it broke, if anything.</summary>
    public FuzzCrash? Step()
    {
        var fromCorpus = _corpusLeft > 0;
        Current = fromCorpus
            ? _inputs[^_corpusLeft--]
            : _mutator.Mutate(_inputs[_random.Next(_inputs.Count)], _inputs[_random.Next(_inputs.Count)]);
        try
        {
            var isNew = _outcomes.Add(_target.Run(Current));
            if (isNew && !fromCorpus && _inputs.Count < MaxKept)
            {
                _inputs.Add(Current);
            }

            return null;
        }
        catch (Exception exception)
        {
            return new FuzzCrash(_target.Name, _seed, Executions, Current, exception);
        }
        finally
        {
            Executions++;
        }
    }
}
