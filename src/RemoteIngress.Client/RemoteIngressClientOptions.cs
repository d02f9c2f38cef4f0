namespace RemoteIngress.Client;

/// <summary>Where the cluster of hubs is found.</summary>
public sealed class RemoteIngressClientOptions
{
    /// <summary>StackExchange.Redis connection string of the Redis that the hubs share (their <c>--redis</c>). Required.</summary>
    public string Redis { get; set; } = string.Empty;

    /// <summary>The hubs' <c>--cluster-id</c>. Default <c>remoteingress</c>.</summary>
    public string ClusterId { get; set; } = "remoteingress";

    /// <summary>How long a call on one edge may take with its retries, 1 second to 1 minute. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
