namespace RemoteIngress.Testing.Processes;

/// <summary>The lines of a process, which can be awaited.</summary>
internal sealed class ProcessOutput
{
    private readonly Lock _gate = new();
    private readonly List<(string Line, bool IsError)> _lines = [];
    private TaskCompletionSource _changed = NewSignal();
    private int _openStreams = 2;

    /// <summary>Adds a line; null is the end of that stream.</summary>
    public void Add(string? line, bool isError)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (line is null)
            {
                _openStreams--;
            }
            else
            {
                _lines.Add((line, isError));
            }

            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    public IReadOnlyList<string> Lines()
    {
        lock (_gate)
        {
            return [.. _lines.Select(static line => line.Line)];
        }
    }

    public IReadOnlyList<string> Lines(bool isError)
    {
        lock (_gate)
        {
            return [.. _lines.Where(line => line.IsError == isError).Select(static line => line.Line)];
        }
    }

    /// <summary>The first line that matches; null when both streams ended without one.</summary>
    public async Task<string?> WaitForAsync(Func<string, bool> predicate, CancellationToken cancellation)
    {
        var seen = 0;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                for (; seen < _lines.Count; seen++)
                {
                    if (predicate(_lines[seen].Line))
                    {
                        return _lines[seen].Line;
                    }
                }

                if (_openStreams == 0)
                {
                    return null;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
