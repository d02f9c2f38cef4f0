namespace RemoteIngress.Transport.Native;

/// <summary><c>errno</c> values (asm-generic, equal on x64 and arm64).</summary>
internal static class Errno
{
    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int NoMemory = 12;
    internal const int AccessDenied = 13;
    internal const int TooManyFilesInSystem = 23;
    internal const int TooManyFiles = 24;
    internal const int BrokenPipe = 32;
    internal const int MessageTooLong = 90;
    internal const int AddressInUse = 98;
    internal const int AddressNotAvailable = 99;
    internal const int NetworkUnreachable = 101;
    internal const int ConnectionAborted = 103;
    internal const int ConnectionReset = 104;
    internal const int NoBuffers = 105;
    internal const int TimedOut = 110;
    internal const int ConnectionRefused = 111;
    internal const int HostUnreachable = 113;
    internal const int InProgress = 115;

    /// <summary>The kernel's words for the codes a user can meet.</summary>
    internal static string Describe(int errno) => errno switch
    {
        AccessDenied => "permission denied",
        TooManyFiles or TooManyFilesInSystem => "too many open files",
        AddressInUse => "address already in use",
        AddressNotAvailable => "address not available on this machine",
        NetworkUnreachable => "network unreachable",
        ConnectionReset => "connection reset",
        TimedOut => "timed out",
        ConnectionRefused => "connection refused",
        HostUnreachable => "host unreachable",
        _ => new System.ComponentModel.Win32Exception(errno).Message,
    };
}

/// <summary>Flags of the calls in <see cref="Libc"/> (linux/eventpoll.h, sys/socket.h, netinet/tcp.h).</summary>
internal static class Linux
{
    internal const uint EpollIn = 0x1, EpollOut = 0x4, EpollError = 0x8, EpollHangUp = 0x10, EpollReadHangUp = 0x2000, EpollEdge = 1u << 31;
    internal const int EpollAdd = 1, EpollDelete = 2, EpollCloseOnExec = 0x80000;
    internal const int EventFdFlags = 0x80000 | 0x800;                 // EFD_CLOEXEC | EFD_NONBLOCK
    internal const int FamilyIPv4 = 2, FamilyIPv6 = 10;
    internal const int StreamNonBlocking = 1 | 0x800 | 0x80000;        // SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    internal const int DatagramNonBlocking = 2 | 0x800 | 0x80000;      // SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    internal const int AcceptFlags = 0x800 | 0x80000;
    internal const int NoSignal = 0x4000;
    internal const int Peek = 2;
    internal const int LevelIPv4 = 0, LevelSocket = 1, LevelTcp = 6, LevelIPv6 = 41;
    internal const int ReuseAddress = 2, SocketError = 4, ReceiveBuffer = 8, KeepAlive = 9, Linger = 13, ReusePort = 15;
    internal const int ReceiveBufferForce = 33, QueueOverflow = 40;    // SO_RCVBUFFORCE, SO_RXQ_OVFL
    internal const int IPv4PacketInfo = 8, IPv6Only = 26, IPv6ReceivePacketInfo = 49, IPv6PacketInfo = 50;
    internal const int TcpNoDelay = 1, TcpKeepIdle = 4, TcpKeepInterval = 5, TcpKeepCount = 6;
    internal const int ShutdownWrite = 1;
    internal const int LimitOpenFiles = 7;                             // RLIMIT_NOFILE
}
