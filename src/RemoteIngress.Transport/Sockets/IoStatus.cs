namespace RemoteIngress.Transport.Sockets;

/// <summary>What a non-blocking system call came to.</summary>
internal enum IoStatus
{
    /// <summary>It did something.</summary>
    Done,

    /// <summary>EAGAIN: wait for readiness.</summary>
    WouldBlock,

    /// <summary>The other end sent FIN.</summary>
    EndOfStream,

    /// <summary>The connection is gone (reset, broken pipe, timed out).</summary>
    Failed,
}
