using System.Net;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Sockets;

/// <summary>
/// A non-blocking TCP descriptor. A value on purpose: 10,000 idle connections hold an int each, not a SafeHandle. Whoever owns the
/// connection object closes it exactly once.
/// </summary>
internal readonly unsafe struct TcpSocket
{
    private TcpSocket(int descriptor) => Descriptor = descriptor;

    internal int Descriptor { get; }

    /// <summary>Starts to connect. <paramref name="error"/> is an errno, or 0 when the connection is under way (or already up).</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="error">EMFILE also when only descriptors are left that <paramref name="files"/> keeps for tunnels.</param>
    /// <param name="files">Null when this connection may have the last descriptor.</param>
    internal static TcpSocket Connect(IPEndPoint remote, out int error, OpenFiles? files = null)
    {
        var family = remote.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? Linux.FamilyIPv4 : Linux.FamilyIPv6;
        var descriptor = Libc.Socket(family, Linux.StreamNonBlocking, 0);
        if (descriptor < 0)
        {
            error = Libc.Errno;
            return default;
        }

        var socket = new TcpSocket(descriptor);
        if (files is not null && files.IsReservedForTunnels(descriptor))
        {
            socket.Close();
            error = Errno.TooManyFiles;
            return default;
        }

        socket.SetNoDelay();
        var address = stackalloc byte[SockAddr.MaxLength];
        var length = SockAddr.Write(new Span<byte>(address, SockAddr.MaxLength), remote);
        if (Libc.Connect(descriptor, address, length) == 0 || Libc.Errno == Errno.InProgress)
        {
            error = 0;
            return socket;
        }

        error = Libc.Errno;
        socket.Close();
        return default;
    }

    internal static TcpSocket Adopt(int descriptor) => new(descriptor);

    internal IoStatus Receive(Span<byte> buffer, out int count) => Receive(buffer, 0, out count);

    /// <summary>What the next <see cref="Receive(Span{byte}, out int)"/> would give; it stays in the socket.</summary>
    internal IoStatus Peek(Span<byte> buffer, out int count) => Receive(buffer, Linux.Peek, out count);

    private IoStatus Receive(Span<byte> buffer, int flags, out int count)
    {
        nint result;
        do
        {
            fixed (byte* pointer = buffer)
            {
                result = Libc.Receive(Descriptor, pointer, buffer.Length, flags);
            }
        }
        while (result < 0 && Libc.Errno == Errno.Interrupted);

        count = (int)Math.Max(0, result);
        if (result > 0)
        {
            return IoStatus.Done;
        }

        return result == 0 ? IoStatus.EndOfStream : Libc.Errno == Errno.Again ? IoStatus.WouldBlock : IoStatus.Failed;
    }

    /// <summary>Sends what the socket takes; fewer than asked for means it is full.</summary>
    internal IoStatus Send(ReadOnlySpan<byte> buffer, out int count)
    {
        nint result;
        do
        {
            fixed (byte* pointer = buffer)
            {
                result = Libc.Send(Descriptor, pointer, buffer.Length, Linux.NoSignal);
            }
        }
        while (result < 0 && Libc.Errno == Errno.Interrupted);

        count = (int)Math.Max(0, result);
        return result >= 0 ? IoStatus.Done : Libc.Errno == Errno.Again ? IoStatus.WouldBlock : IoStatus.Failed;
    }

    /// <summary>FIN after what was sent: TCP half-close.</summary>
    internal void ShutdownSend() => _ = Libc.Shutdown(Descriptor, Linux.ShutdownWrite);

    internal void Close() => _ = Libc.Close(Descriptor);

    /// <summary>Closes with RST instead of FIN (SO_LINGER 0), which is how an abort travels on.</summary>
    internal void CloseWithReset()
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = Libc.SetSocketOption(Descriptor, Linux.LevelSocket, Linux.Linger, linger, 8);
        Close();
    }

    /// <summary>The pending error (SO_ERROR): 0 after a connect that succeeded.</summary>
    internal int TakeError()
    {
        int value = 0, length = sizeof(int);
        return Libc.GetSocketOption(Descriptor, Linux.LevelSocket, Linux.SocketError, &value, &length) == 0 ? value : Libc.Errno;
    }

    internal void SetNoDelay() => SetOption(Linux.LevelTcp, Linux.TcpNoDelay, 1);

    /// <summary>A peer that vanished without a word (power, NAT) is found by the kernel after about two minutes.</summary>
    internal void SetKeepAlive()
    {
        SetOption(Linux.LevelSocket, Linux.KeepAlive, 1);
        SetOption(Linux.LevelTcp, Linux.TcpKeepIdle, 60);
        SetOption(Linux.LevelTcp, Linux.TcpKeepInterval, 15);
        SetOption(Linux.LevelTcp, Linux.TcpKeepCount, 4);
    }

    internal IPEndPoint LocalEndPoint()
    {
        var address = stackalloc byte[SockAddr.MaxLength];
        var length = SockAddr.MaxLength;
        _ = Libc.GetSocketName(Descriptor, address, &length);
        return SockAddr.Read(new ReadOnlySpan<byte>(address, SockAddr.MaxLength));
    }

    private void SetOption(int level, int name, int value) => _ = Libc.SetSocketOption(Descriptor, level, name, &value, sizeof(int));
}
