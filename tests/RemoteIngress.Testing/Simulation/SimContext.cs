namespace RemoteIngress.Testing.Simulation;

/// <summary>What everything in one simulation shares: chance, time, scratch buffers and the memory of what was done.</summary>
internal sealed class SimContext(int seed)
{
    private const int Remembered = 50;

    // Thousands of simulations follow each other on one thread.
    [ThreadStatic]
    private static byte[]? _sharedBatch;

    [ThreadStatic]
    private static byte[]? _sharedBuffer;
    private readonly Queue<string> _actions = new();

    internal Random Random { get; } = new(seed);

    /// <summary>Microseconds.</summary>
    internal long Now { get; set; }

    internal byte[] Batch { get; } = _sharedBatch ??= new byte[256 * 1024];

    internal byte[] Buffer { get; } = _sharedBuffer ??= new byte[256 * 1024];

    internal IEnumerable<string> Actions => _actions;

    internal bool HasParked { get; set; }

    internal bool HasGivenUp { get; set; }

    /// <summary>Of the configuration that the registry of all hubs gave out last.</summary>
    internal int Generation { get; set; }

    internal bool Chance(int oneIn) => Random.Next(oneIn) == 0;

    internal void Note(string action)
    {
        if (_actions.Count == Remembered)
        {
            _actions.Dequeue();
        }

        _actions.Enqueue($"{Now,12:N0} us  {action}");
    }
}
