namespace RemoteIngress.Client;

/// <summary>What happened to an edge.</summary>
public enum EdgeEventKind
{
    /// <summary>It was there when the watch began.</summary>
    Listed = 0,

    /// <summary>It was registered.</summary>
    Created = 1,

    /// <summary>Its settings or its secret changed.</summary>
    Updated = 2,

    /// <summary>It is no longer registered.</summary>
    Removed = 3,

    /// <summary>An instance of it connected to a hub, left one, or acknowledged a configuration.</summary>
    PresenceChanged = 4,
}
