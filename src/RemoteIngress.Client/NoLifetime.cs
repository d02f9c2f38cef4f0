using Microsoft.Extensions.Hosting;

namespace RemoteIngress.Client;

/// <summary>Keeps the inner host from listening to signals: when the process ends is the application's business.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
