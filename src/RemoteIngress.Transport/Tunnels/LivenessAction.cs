namespace RemoteIngress.Transport.Tunnels;

/// <summary>What the passing of time asks for.</summary>
internal enum LivenessAction
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>A PING is due.</summary>
    Ping,

    /// <summary>The tunnel was not authenticated in time.</summary>
    HandshakeTimedOut,

    /// <summary>No byte came for too long.</summary>
    PeerSilent,
}
