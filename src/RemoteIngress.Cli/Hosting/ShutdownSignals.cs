using System.Runtime.InteropServices;

namespace RemoteIngress.Cli.Hosting;

/// <summary>
/// SIGTERM and SIGINT ask for a clean stop; a second one ends the process at once, for a person who does not want to wait for
/// the drain.
/// </summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public ShutdownSignals()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Completes with the first signal, without an exception.</summary>
    public async Task WaitAsync()
    {
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = Token.Register(received.SetResult);
        await received.Task;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_source.IsCancellationRequested)
        {
            Environment.Exit(ExitCodes.Failed);
        }

        // the handler must return before the drain is over, or a second signal would wait behind it
        _ = Task.Run(_source.Cancel);
    }
}
