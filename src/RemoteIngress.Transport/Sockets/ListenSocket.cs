using System.Net;
using System.Net.Sockets;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Sockets;

/// <summary>A listening TCP descriptor; every loop binds its own to the same port (SO_REUSEPORT) and the kernel spreads the clients.</summary>
internal readonly unsafe struct ListenSocket
{
    private const int Backlog = 4096;

    private ListenSocket(int descriptor) => Descriptor = descriptor;

    internal int Descriptor { get; }

    /// <summary>
    /// Binds and listens. <c>[::]</c> takes IPv4 as well, or IPv4 alone where the machine has no IPv6. Returns false with the errno.
    /// </summary>
    internal static bool TryBind(IPEndPoint local, bool shared, out ListenSocket socket, out int error)
    {
        var isV6 = local.AddressFamily == AddressFamily.InterNetworkV6;
        var descriptor = Libc.Socket(isV6 ? Linux.FamilyIPv6 : Linux.FamilyIPv4, Linux.StreamNonBlocking, 0);
        socket = new ListenSocket(descriptor);
        if (descriptor < 0)
        {
            error = Libc.Errno;
            return isV6 && local.Address.Equals(IPAddress.IPv6Any)
                && TryBind(new IPEndPoint(IPAddress.Any, local.Port), shared, out socket, out error);
        }

        socket.SetOption(Linux.LevelSocket, Linux.ReuseAddress, 1);
        if (shared)
        {
            socket.SetOption(Linux.LevelSocket, Linux.ReusePort, 1);
        }

        if (isV6)
        {
            socket.SetOption(Linux.LevelIPv6, Linux.IPv6Only, local.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
        }

        var address = stackalloc byte[SockAddr.MaxLength];
        var length = SockAddr.Write(new Span<byte>(address, SockAddr.MaxLength), local);
        if (Libc.Bind(descriptor, address, length) == 0 && Libc.Listen(descriptor, Backlog) == 0)
        {
            error = 0;
            return true;
        }

        error = Libc.Errno;
        socket.Close();
        return false;
    }

    /// <summary>Takes one waiting connection; <paramref name="error"/> tells an empty queue (EAGAIN) from a lack of descriptors.</summary>
    internal bool TryAccept(out TcpSocket accepted, out IPEndPoint? remote, out int error)
    {
        var address = stackalloc byte[SockAddr.MaxLength];
        var length = SockAddr.MaxLength;
        var descriptor = Libc.Accept(Descriptor, address, &length, Linux.AcceptFlags);
        if (descriptor < 0)
        {
            error = Libc.Errno;
            accepted = default;
            remote = null;
            return false;
        }

        error = 0;
        accepted = TcpSocket.Adopt(descriptor);
        remote = SockAddr.Read(new ReadOnlySpan<byte>(address, SockAddr.MaxLength));
        return true;
    }

    internal IPEndPoint LocalEndPoint() => TcpSocket.Adopt(Descriptor).LocalEndPoint();

    internal void Close() => _ = Libc.Close(Descriptor);

    private void SetOption(int level, int name, int value) => _ = Libc.SetSocketOption(Descriptor, level, name, &value, sizeof(int));
}
