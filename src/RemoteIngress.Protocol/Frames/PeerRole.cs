namespace RemoteIngress.Protocol.Frames;

/// <summary>Which end of a tunnel a peer is.</summary>
public enum PeerRole
{
    /// <summary>The public end: it dials, and opens every stream.</summary>
    Edge,

    /// <summary>The private end: it listens for tunnels, and reaches targets.</summary>
    Hub,
}
