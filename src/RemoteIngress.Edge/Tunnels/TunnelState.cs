namespace RemoteIngress.Edge.Tunnels;

/// <summary>Where the way to one hub stands, in the order in which a higher value is better.</summary>
internal enum TunnelState
{
    /// <summary>Waiting to dial again.</summary>
    Waiting,

    /// <summary>Resolving, connecting or authenticating.</summary>
    Connecting,

    /// <summary>The hub has a tunnel under another name; dialled when that one is gone.</summary>
    Standby,

    /// <summary>The hub drains: old streams finish, no new ones.</summary>
    Draining,

    /// <summary>Carries new connections.</summary>
    Ready,
}
