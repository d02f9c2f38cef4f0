namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>Why a datagram went no further. Each is counted by itself.</summary>
internal enum DatagramDrop
{
    /// <summary>It waited for the tunnel the longest when the queue was full.</summary>
    QueueFull,

    /// <summary>The edge has no tunnel that is up.</summary>
    NoTunnel,

    /// <summary>Its session was closed while it waited, or before it came.</summary>
    SessionClosed,

    /// <summary>No session could be had for it: a bound was met, or this process stops.</summary>
    Refused,

    /// <summary>The socket that it should leave by is full.</summary>
    SocketFull,

    /// <summary>The system refused to send it: no route, or a packet filter.</summary>
    SendFailed,

    /// <summary>Longer than IPv4 can carry, or together with its PROXY header.</summary>
    TooLarge,

    /// <summary>Too many wait for the address of their target.</summary>
    Unresolved,

    /// <summary>The kernel's buffer of a public port was full before this process came to read it.</summary>
    KernelQueueFull,
}

/// <summary>The one place that says how a <see cref="DatagramDrop"/> is written.</summary>
internal static class DatagramDrops
{
    /// <summary>The value of the metric attribute <c>error.type</c>, and the key in status.</summary>
    internal static string MetricTag(this DatagramDrop drop) => drop switch
    {
        DatagramDrop.QueueFull => "queue_full",
        DatagramDrop.NoTunnel => "no_tunnel",
        DatagramDrop.SessionClosed => "session_closed",
        DatagramDrop.Refused => "refused",
        DatagramDrop.SocketFull => "socket_full",
        DatagramDrop.SendFailed => "send_failed",
        DatagramDrop.TooLarge => "too_large",
        DatagramDrop.Unresolved => "unresolved",
        DatagramDrop.KernelQueueFull => "kernel_queue_full",
        _ => throw new ArgumentOutOfRangeException(nameof(drop), drop, "This reason is not mapped."),
    };
}
