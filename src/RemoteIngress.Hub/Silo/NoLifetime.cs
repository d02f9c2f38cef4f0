using Microsoft.Extensions.Hosting;

namespace RemoteIngress.Hub;

/// <summary>Keeps an inner host from listening to signals: when the process ends is not its business.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
