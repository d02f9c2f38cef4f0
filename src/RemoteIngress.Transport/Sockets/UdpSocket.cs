using System.Net;
using System.Net.Sockets;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Sockets;

/// <summary>A non-blocking UDP descriptor: a public port of an edge, shared by its loops (SO_REUSEPORT), or connected to a hub's target.</summary>
internal readonly unsafe struct UdpSocket
{
    private UdpSocket(int descriptor, bool isIPv4)
    {
        Descriptor = descriptor;
        IsIPv4 = isIPv4;
    }

    internal int Descriptor { get; }

    internal bool IsIPv4 { get; }

    /// <summary>
    /// Binds. <c>[::]</c> takes IPv4 as well, or IPv4 alone where the machine has no IPv6. Every datagram tells the address it came to.
    /// Returns false with the errno.
    /// </summary>
    internal static bool TryBind(IPEndPoint local, bool shared, out UdpSocket socket, out int error)
    {
        var isV6 = local.AddressFamily == AddressFamily.InterNetworkV6;
        if (!TryCreate(isV6, out socket, out error))
        {
            return isV6 && local.Address.Equals(IPAddress.IPv6Any)
                && TryBind(new IPEndPoint(IPAddress.Any, local.Port), shared, out socket, out error);
        }

        if (shared)
        {
            socket.SetOption(Linux.LevelSocket, Linux.ReusePort, 1);
        }

        socket.SetOption(Linux.LevelSocket, Linux.QueueOverflow, 1);
        if (isV6)
        {
            socket.SetOption(Linux.LevelIPv6, Linux.IPv6Only, local.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
            socket.SetOption(Linux.LevelIPv6, Linux.IPv6ReceivePacketInfo, 1);
        }
        else
        {
            socket.SetOption(Linux.LevelIPv4, Linux.IPv4PacketInfo, 1);
        }

        var address = stackalloc byte[SockAddr.MaxLength];
        var length = SockAddr.Write(new Span<byte>(address, SockAddr.MaxLength), local);
        error = Libc.Bind(socket.Descriptor, address, length) == 0 ? 0 : Libc.Errno;
        if (error != 0)
        {
            socket.Close();
        }

        return error == 0;
    }

    /// <summary>Connects to one target, from a port of its own. Returns false with the errno; EMFILE also when only reserved descriptors are left.</summary>
    internal static bool TryConnect(IPEndPoint remote, OpenFiles files, out UdpSocket socket, out int error)
    {
        if (!TryCreate(remote.AddressFamily == AddressFamily.InterNetworkV6, out socket, out error))
        {
            return false;
        }

        if (files.IsReservedForTunnels(socket.Descriptor))
        {
            error = Errno.TooManyFiles;
            socket.Close();
            return false;
        }

        var address = stackalloc byte[SockAddr.MaxLength];
        var length = SockAddr.Write(new Span<byte>(address, SockAddr.MaxLength), remote);
        error = Libc.Connect(socket.Descriptor, address, length) == 0 ? 0 : Libc.Errno;
        if (error != 0)
        {
            socket.Close();
        }

        return error == 0;
    }

    /// <summary>
    /// Asks for a receive buffer of so many bytes, beyond the system's limit where this process may; returns what the kernel gave, in the
    /// same measure (it counts twice what it is asked for, for its own needs).
    /// </summary>
    internal int SetReceiveBuffer(int bytes)
    {
        if (!SetOption(Linux.LevelSocket, Linux.ReceiveBufferForce, bytes))
        {
            SetOption(Linux.LevelSocket, Linux.ReceiveBuffer, bytes);
        }

        return GetOption(Linux.LevelSocket, Linux.ReceiveBuffer) / 2;
    }

    /// <summary>Sends one datagram to the target; 0 or an errno.</summary>
    internal int Send(ReadOnlySpan<byte> payload)
    {
        nint result;
        do
        {
            fixed (byte* pointer = payload)
            {
                result = Libc.Send(Descriptor, pointer, payload.Length, Linux.NoSignal);
            }
        }
        while (result < 0 && Libc.Errno == Errno.Interrupted);

        return result < 0 ? Libc.Errno : 0;
    }

    /// <summary>The pending error (SO_ERROR), such as an ICMP refusal; 0 for none.</summary>
    internal int TakeError() => GetOption(Linux.LevelSocket, Linux.SocketError);

    internal void Close() => _ = Libc.Close(Descriptor);

    private static bool TryCreate(bool isV6, out UdpSocket socket, out int error)
    {
        var descriptor = Libc.Socket(isV6 ? Linux.FamilyIPv6 : Linux.FamilyIPv4, Linux.DatagramNonBlocking, 0);
        error = descriptor < 0 ? Libc.Errno : 0;
        socket = new UdpSocket(descriptor, !isV6);
        return descriptor >= 0;
    }

    private bool SetOption(int level, int name, int value) => Libc.SetSocketOption(Descriptor, level, name, &value, sizeof(int)) == 0;

    private int GetOption(int level, int name)
    {
        int value = 0, length = sizeof(int);
        return Libc.GetSocketOption(Descriptor, level, name, &value, &length) == 0 ? value : 0;
    }
}
