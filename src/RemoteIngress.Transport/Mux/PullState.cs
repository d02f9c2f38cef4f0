namespace RemoteIngress.Transport.Mux;

/// <summary>What follows the bytes of a pull.</summary>
internal enum PullState
{
    /// <summary>There may be more at once.</summary>
    More,

    /// <summary>Nothing until <see cref="MuxStream.Readable"/> is called again.</summary>
    Empty,

    /// <summary>This direction has ended: CLOSE follows.</summary>
    End,

    /// <summary>The peer aborted the stream during the call (it has called <see cref="MuxStream.Reset"/>).</summary>
    Gone,
}
