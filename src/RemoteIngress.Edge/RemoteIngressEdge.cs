using Microsoft.Extensions.Logging;

namespace RemoteIngress.Edge;

/// <summary>One edge: public listeners and tunnels to the hubs. Placeholder until the data plane lands.</summary>
public sealed class RemoteIngressEdge(EdgeOptions options, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    /// <summary>Where the status endpoint listens, with its real port; <see langword="null"/> when it is off or the edge does not run.</summary>
    public Uri? StatusUrl { get; }

    /// <summary>Starts it; throws <see cref="EdgeStartException"/> with every reason for which it cannot.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        _ = loggerFactory;
        throw new EdgeStartException($"edge {options.EdgeId}: the data plane is not in this build");
    }

    /// <summary>Drains and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(options + " does not run");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
