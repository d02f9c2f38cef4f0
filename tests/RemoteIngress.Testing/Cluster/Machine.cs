using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing.Cluster;

/// <summary>One more machine in the network of a <see cref="NetnsCluster"/>.</summary>
public sealed class Machine(NetworkNamespace network) : IAsyncDisposable
{
    public NetworkNamespace Network => network;

    /// <summary>Starts another process of one of the cluster's edges here.</summary>
    public MachineEdge StartEdge(NetnsCluster cluster, string edgeId, params string[] arguments) => new(network, edgeId, cluster.Secret(edgeId), arguments);

    /// <summary>Changes its packet filter.</summary>
    public async Task NftAsync(string commands, CancellationToken cancellation)
    {
        var (exitCode, _, error) = await network.ExecAsync("nft", [commands], cancellation);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"nft {commands}: {error}");
        }
    }

    public ValueTask DisposeAsync() => network.DisposeAsync();
}
