using System.Diagnostics;
using System.Globalization;
using RemoteIngress.Fuzz.Engine;

namespace RemoteIngress.Fuzz;

/// <summary>The built-in loop over one target or all of them, the time shared equally. A target is left at its first crash.</summary>
internal sealed class RunCommand
{
    private const int DefaultSeconds = 60;

    private int _seconds = DefaultSeconds;
    private int _seed = Random.Shared.Next(int.MaxValue);
    private string _crashes = "crashes";
    private IReadOnlyList<IFuzzTarget> _targets = FuzzTargets.All;

    /// <summary>Returns what is wrong with the options, if anything.</summary>
    public string? Parse(ReadOnlySpan<string> options)
    {
        for (; options.Length >= 2; options = options[2..])
        {
            var isNumber = int.TryParse(options[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            switch (options[0])
            {
                case "--seconds" when isNumber && number > 0:
                    _seconds = number;
                    break;
                case "--seed" when isNumber:
                    _seed = number;
                    break;
                case "--target" when FuzzTargets.Find(options[1]) is { } target:
                    _targets = [target];
                    break;
                case "--crashes":
                    _crashes = options[1];
                    break;
                default:
                    return $"{options[0]} {options[1]} is not understood.";
            }
        }

        return options.IsEmpty ? null : $"{options[0]} needs a value.";
    }

    /// <summary>Returns how many targets crashed.</summary>
    public int Execute()
    {
        Console.WriteLine($"seed {_seed}, {_seconds} s over {_targets.Count} targets");
        return _targets.Count(target => !Survives(target, TimeSpan.FromSeconds((double)_seconds / _targets.Count)));
    }

    private bool Survives(IFuzzTarget target, TimeSpan time)
    {
        var loop = new FuzzLoop(target, _seed);
        using var watchdog = new Watchdog(loop, _seed, _crashes);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            if (loop.Step() is { } crash)
            {
                Console.WriteLine(crash);
                Console.WriteLine($"saved as {crash.Save(_crashes)}");
                return false;
            }
        }

        Console.WriteLine($"{target.Name}: {loop.Executions} inputs, {loop.Outcomes} outcomes");
        return true;
    }
}
