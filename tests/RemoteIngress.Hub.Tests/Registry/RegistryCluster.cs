using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Silo;

namespace RemoteIngress.Hub.Tests.Registry;

/// <summary>Two silos in this process with the registry's grains, a storage that can be watched and a data plane that records.</summary>
public sealed class RegistryCluster : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, RecordingSink> _sinks = new();

    /// <summary>What every hub of it says of itself.</summary>
    internal const string Advertise = "hub.example.org:8443";

    internal CountingStorage Storage { get; } = new();

    internal IReadOnlyCollection<RecordingSink> Sinks => [.. _sinks.Values];

    internal InProcessTestCluster Cluster { get; private set; } = null!;

    internal IReadOnlyList<string> HubIds => [.. Cluster.Silos.Select(silo => silo.Name)];

    internal IGrainFactory Grains => Cluster.Client;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddRegistry(_sinks.GetOrAdd(options.SiloName, _ => new RecordingSink()), new HubOptions { HubId = options.SiloName, Advertise = Advertise }, TimeProvider.System);
            silo.Services.AddKeyedSingleton<IGrainStorage>(RegistryNames.StorageProvider, Storage);
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(20));
        });
        Cluster = builder.Build();
        await Cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();

    internal IEdgeGrain Edge(string id) => Grains.GetGrain<IEdgeGrain>(id);

    /// <summary>A fleet of its own for every test: they share the cluster.</summary>
    internal IFleetGrain Fleet(string name) => Grains.GetGrain<IFleetGrain>(name);

    internal int Pushes(string edgeId) => Sinks.Sum(sink => sink.Arrivals.Count(arrival => arrival.EdgeId == edgeId));

    /// <summary>An id that no other test uses.</summary>
    internal static string NewId(string prefix = "edge") => $"{prefix}-{Guid.NewGuid():N}";

    internal static AllowedEdge NewEdge(string? id = null, string? secret = "correct horse", params int[] ports) =>
        new() { Id = id ?? NewId(), Secret = secret, ListenPorts = [.. ports] };
}
