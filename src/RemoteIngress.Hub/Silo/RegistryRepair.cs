using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Has the registry look whether Redis still has it, whenever Redis may have lost something: after its connection was lost, and when membership rows
/// are missing. All hubs ask; the fleet makes one pass of it. Shares the key of decoys as well, which lies in Redis, too.
/// </summary>
internal sealed partial class RegistryRepair(EdgeManager edges, SharedDecoyKey decoys, Func<bool> isRunning, TimeProvider time, ILogger<RegistryRepair> logger)
    : IDisposable
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    private readonly WakeSignal _wanted = new();

    /// <summary>Redis may have lost data. Returns at once.</summary>
    public void Want() => _wanted.Set();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(decoys.TryShareAsync, cancellationToken);
        while (true)
        {
            await _wanted.WaitAsync(cancellationToken);
            await UntilAsync(TryAsync, cancellationToken);
        }
    }

    public void Dispose() => _wanted.Dispose();

    private async Task UntilAsync(Func<CancellationToken, Task<bool>> step, CancellationToken cancellationToken)
    {
        while (!await step(cancellationToken))
        {
            await Task.Delay(RetryPeriod, time, cancellationToken);
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            // a silo that does not run yet would only be asked in vain
            if (!isRunning() || !await decoys.TryShareAsync(cancellationToken))
            {
                return false;
            }

            await edges.RepairAsync(cancellationToken);
            return true;
        }
        catch (RegistryUnavailableException e)
        {
            LogLater(e.Message);
            return false;
        }
    }

    [LoggerMessage(3242, LogLevel.Debug, "The registry cannot be looked through yet: {Reason}", EventName = "RepairLater")]
    private partial void LogLater(string reason);
}
