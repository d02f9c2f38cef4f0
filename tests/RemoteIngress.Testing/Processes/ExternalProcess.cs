using System.Diagnostics;

namespace RemoteIngress.Testing.Processes;

/// <summary>A real process with captured output. Disposing kills it: nothing outlives its test.</summary>
public class ExternalProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ProcessOutput _output = new();
    private bool _isDisposed;

    public ExternalProcess(string fileName, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(fileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // what the machine happens to have set must not reach the program under test
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("REMOTEINGRESS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        // no test asks a STUN server of somebody else; one that wants a server names its own
        start.Environment["REMOTEINGRESS_STUN_SERVER"] = "none";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => _output.Add(line.Data, isError: false);
        _process.ErrorDataReceived += (_, line) => _output.Add(line.Data, isError: true);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _isDisposed || _process.HasExited;

    /// <summary>Everything printed so far, both streams, in order of arrival.</summary>
    public IReadOnlyList<string> Lines => _output.Lines();

    public IReadOnlyList<string> OutLines => _output.Lines(isError: false);

    public IReadOnlyList<string> ErrorLines => _output.Lines(isError: true);

    public string Text => string.Join('\n', Lines);

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes =>
        long.Parse(File.ReadLines($"/proc/{Id}/status").Single(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    /// <summary>The first line, already printed or still to come, for which <paramref name="predicate"/> holds.</summary>
    public async Task<string> WaitForLineAsync(string what, Func<string, bool> predicate, CancellationToken cancellation)
    {
        try
        {
            return await _output.WaitForAsync(predicate, cancellation)
                ?? throw new InvalidOperationException($"{Describe()} ended without: {what}\n{Text}");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Describe()} did not print: {what}\n{Text}");
        }
    }

    /// <summary>Waits until the process accepts on a port of loopback; ends at once when it does not run any more.</summary>
    public async Task WaitForPortAsync(int port, CancellationToken cancellation)
    {
        await Poll.UntilAsync($"{Describe()} accepts on {port}", async token => HasExited || await Ports.AcceptsAsync(port, token), cancellation);
        if (HasExited)
        {
            await WaitForExitAsync(cancellation);
            throw new InvalidOperationException($"{Describe()} ended with {_process.ExitCode} before it accepted on {port}\n{Text}");
        }
    }

    public void Send(Signal signal) => Libc.Kill(Id, signal);

    /// <summary>The exit code, once the process has ended and its whole output has arrived.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        try
        {
            await _process.WaitForExitAsync(cancellation);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Describe()} did not end\n{Text}");
        }
    }

    public async Task<int> TerminateAsync(CancellationToken cancellation)
    {
        Send(Signal.Terminate);
        return await WaitForExitAsync(cancellation);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    private string Describe() => $"{Path.GetFileName(_process.StartInfo.FileName)} {_process.StartInfo.ArgumentList.FirstOrDefault()} ({Id})";
}
