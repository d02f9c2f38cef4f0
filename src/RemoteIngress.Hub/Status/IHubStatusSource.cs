namespace RemoteIngress.Hub;

/// <summary>What the HTTP API shows of the hub it belongs to. Thread-safe.</summary>
internal interface IHubStatusSource
{
    /// <summary>Why the hub does not take tunnels, or its silo is no part of the cluster; <see langword="null"/> when it is ready.</summary>
    string? NotReadyBecause { get; }

    /// <summary>The state right now.</summary>
    HubStatus GetStatus();
}
