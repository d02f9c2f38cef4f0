namespace RemoteIngress.Client;

/// <summary>Where the cluster of hubs is found.</summary>
public sealed class RemoteIngressClientOptions
{
    /// <summary>StackExchange.Redis connection string of the Redis that the hubs share (their <c>--redis</c>). Required.</summary>
    public string Redis { get; set; } = string.Empty;

    /// <summary>The hubs' <c>--cluster-id</c>. Default <c>remoteingress</c>.</summary>
    public string ClusterId { get; set; } = "remoteingress";

    /// <summary>
    /// PEM file with the authorities whose hubs are believed (their <c>--cluster-ca</c>): mutual TLS to the gateway ports, as the hubs have it.
    /// Needs <see cref="ClusterCert"/> and <see cref="ClusterKey"/>; all three are read again when they change. <see langword="null"/> by default: no TLS.
    /// </summary>
    public string? ClusterCa { get; set; }

    /// <summary>PEM file with this client's certificate; names <c>client.remoteingress.internal</c>.</summary>
    public string? ClusterCert { get; set; }

    /// <summary>PEM file with the unencrypted key of <see cref="ClusterCert"/>.</summary>
    public string? ClusterKey { get; set; }

    /// <summary>How long a call on one edge may take with its retries, 1 second to 1 minute. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
