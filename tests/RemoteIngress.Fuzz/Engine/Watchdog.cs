namespace RemoteIngress.Fuzz.Engine;

/// <summary>Ends the process with the input printed and saved when a target does not come back: a hang has no exception to catch.</summary>
internal sealed class Watchdog : IDisposable
{
    public const int ExitCode = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FuzzLoop _loop;
    private readonly int _seed;
    private readonly string _directory;
    private readonly Timer _timer;
    private long _seen = -1;

    public Watchdog(FuzzLoop loop, int seed, string directory)
    {
        _loop = loop;
        _seed = seed;
        _directory = directory;
        _timer = new Timer(_ => Look(), null, Limit, Limit);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var executions = _loop.Executions;
        if (executions != _seen)
        {
            _seen = executions;
            return;
        }

        var crash = new FuzzCrash(_loop.Target, _seed, executions, _loop.Current, new TimeoutException($"no end within {Limit.TotalSeconds} s"));
        Console.Error.WriteLine(crash);
        Console.Error.WriteLine($"saved as {crash.Save(_directory)}");
        Environment.Exit(ExitCode);
    }
}
