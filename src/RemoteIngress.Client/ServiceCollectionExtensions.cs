using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace RemoteIngress.Client;

/// <summary>Adds the client to an application.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IRemoteIngressClient"/>. It connects in the background when the host starts, or at the first call: an application
    /// starts without waiting for a hub. It is an Orleans client of its own, apart from one that the application may have.
    /// </summary>
    public static IServiceCollection AddRemoteIngressClient(this IServiceCollection services, Action<RemoteIngressClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<RemoteIngressClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemoteIngressClientOptions>, RemoteIngressClientOptionsValidator>());
        services.AddLogging();
        services.TryAddSingleton<ClusterConnection>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RegistryCalls>();
        services.TryAddSingleton<IRemoteIngressClient, RemoteIngressClient>();
        services.AddHostedService(provider => provider.GetRequiredService<ClusterConnection>());
        return services;
    }
}
