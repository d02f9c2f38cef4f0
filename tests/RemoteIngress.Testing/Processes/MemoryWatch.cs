using System.Globalization;

namespace RemoteIngress.Testing.Processes;

/// <summary>
/// How far the resident memory of processes rose above where it stood, peaks between two looks included: the kernel keeps the high
/// water mark (VmHWM), and lets it start anew.
/// </summary>
public sealed class MemoryWatch
{
    private readonly (string Name, int Id, long Start)[] _processes;

    public MemoryWatch(params ReadOnlySpan<(string Name, ExternalProcess Process)> processes)
    {
        _processes = new (string, int, long)[processes.Length];
        for (var i = 0; i < processes.Length; i++)
        {
            var (name, process) = processes[i];

            // 5: the peak becomes what is resident now
            File.WriteAllText($"/proc/{process.Id}/clear_refs", "5");
            _processes[i] = (name, process.Id, Peak(process.Id));
        }
    }

    /// <summary>Each process' growth at its peak, for people.</summary>
    public string Report => string.Join(", ", Growth().Select(static entry => $"{entry.Name} +{entry.Bytes / 1024} KiB"));

    /// <summary>Fails when one of them ever rose by more.</summary>
    public void AssertGrownByLessThan(long allowed)
    {
        if (Growth().Any(entry => entry.Bytes >= allowed))
        {
            throw new InvalidOperationException($"resident memory grew by more than {allowed / 1024} KiB: {Report}");
        }
    }

    private IEnumerable<(string Name, long Bytes)> Growth() => _processes.Select(static entry => (entry.Name, Peak(entry.Id) - entry.Start));

    private static long Peak(int id)
    {
        var line = File.ReadLines($"/proc/{id}/status").Single(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
