namespace RemoteIngress.Hub;

/// <summary>What the HTTP API shows of the hub it belongs to. Thread-safe.</summary>
internal interface IHubStatusSource
{
    /// <summary>Whether the hub takes tunnels and its silo is part of the cluster.</summary>
    bool IsReady { get; }

    /// <summary>The state right now.</summary>
    HubStatus GetStatus();
}
