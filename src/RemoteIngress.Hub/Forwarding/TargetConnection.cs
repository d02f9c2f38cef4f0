using System.Net;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Relay;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>
/// One forwarded connection: finds and connects its target without blocking the loop, sends the PROXY header, then is a
/// <see cref="SocketPeer"/>. What the client sends before that waits here, within the stream's window.
/// </summary>
internal sealed class TargetConnection : SocketPeer, ITargetWaiter
{
    private readonly IForwardingHost _host;

    // Dropped once connected: an idle connection does not pay for how it came about.
    private ConnectAttempts? _attempts;

    private TargetConnection(IForwardingHost host)
        : base(host.Loop) => _host = host;

    /// <summary>The tunnel that it came through.</summary>
    internal IForwardingHost Host => _host;

    /// <summary>What was told of its begin, so that the same can be told of its end; <see langword="null"/> when nobody listened.</summary>
    internal StreamOpenedEventArgs? Told { get; set; }

    /// <summary>Serves a stream that the edge opened with <paramref name="proxyLine"/>, or resets it.</summary>
    internal static void Open(IForwardingHost host, ForwardingPlan? plan, MuxStream stream, ReadOnlySpan<byte> proxyLine)
    {
        var status = ProxyV1.TryRead(proxyLine, out var header, out var consumed);
        if (status != ProxyReadStatus.Ok || consumed != proxyLine.Length || header is not { Source: { } source, Destination: { } destination })
        {
            Refuse(host, stream, StreamEndReason.ProtocolError);
            return;
        }

        if (plan?.Find(destination.Port) is not { } port)
        {
            Refuse(host, stream, StreamEndReason.PortRemoved);
            return;
        }

        var connection = new TargetConnection(host);
        stream.Peer = connection;
        connection.AttachStream(stream);
        host.OnConnectionStarted(connection, source, destination.Port, port);
        connection.WriteHeader(port.Header, source, destination);
        connection.Start(destination.Port, port);
    }

    public override PullResult Pull(Span<byte> buffer)
    {
        var result = base.Pull(buffer);
        _host.OnBytesFromTarget(result.Count);
        return result;
    }

    public override void OnOpened()
    {
        // only an edge is told OPENED
    }

    void ITargetWaiter.OnResolved(IReadOnlyList<IPAddress> addresses)
    {
        if (!IsReleased && _attempts is { } attempts)
        {
            attempts.Start(addresses);
            ConnectNext(attempts);
        }
    }

    protected override void OnConnecting(uint flags)
    {
        var attempts = _attempts!;
        var error = Socket.TakeError();
        if (error == 0 && (flags & Linux.EpollOut) == 0)
        {
            return;
        }

        if (error != 0 || IsConnectedToItself(attempts.Current!))
        {
            attempts.Failure = ConnectAttempts.Explain(error == 0 ? Errno.ConnectionRefused : error);
            Detach();
            ConnectNext(attempts);
            return;
        }

        Loop.Cancel(attempts.Timer);
        _attempts = null;
        Stream?.Opened();
        MarkConnected(flags);
    }

    protected override void OnReleased(StreamEndReason reason)
    {
        if (_attempts is { } attempts)
        {
            Loop.Cancel(attempts.Timer);
            _attempts = null;
        }

        _host.OnConnectionEnded(this, reason);
    }

    private static void Refuse(IForwardingHost host, MuxStream stream, StreamEndReason reason)
    {
        stream.Reset(reason);
        host.OnConnectionRefused(reason);
    }

    private void WriteHeader(ProxyHeaderKind kind, IPEndPoint source, IPEndPoint destination)
    {
        Span<byte> header = stackalloc byte[TargetHeader.MaxLength];
        var length = TargetHeader.Write(header, kind, source, destination);
        if (length > 0)
        {
            Prepend(header[..length]);
        }
    }

    private void Start(int publicPort, PortPlan port)
    {
        var attempts = new ConnectAttempts(publicPort, port, new LoopTimer(OnOverdue), Loop.Now + (long)_host.ConnectTimeout.TotalMicroseconds);
        _attempts = attempts;
        if (port.Host.Find(Loop, this) is { } addresses)
        {
            attempts.Start(addresses);
            ConnectNext(attempts);
        }
        else
        {
            Loop.ArmIn(attempts.Timer, _host.ConnectTimeout);
        }
    }

    private void ConnectNext(ConnectAttempts attempts)
    {
        while (attempts.TryNext(Loop.Now, out var until))
        {
            var socket = TcpSocket.Connect(attempts.Current!, out var error, _host.Files);
            if (error == 0)
            {
                socket.SetKeepAlive();
                Loop.Arm(attempts.Timer, until);
                Attach(socket, isConnected: false);
                return;
            }

            attempts.Failure = ConnectAttempts.Explain(error);
            if (ConnectAttempts.IsOutOfDescriptors(error))
            {
                _host.OnOutOfDescriptors();
                Abort(attempts.Failure);
                return;
            }
        }

        _host.OnTargetFailed(attempts.PublicPort, attempts.Plan, attempts.Failure);
        Abort(attempts.Failure);
    }

    private void OnOverdue()
    {
        if (_attempts is not { } attempts)
        {
            return;
        }

        if (attempts.Current is not null)
        {
            attempts.Failure = StreamEndReason.TargetTimeout;
            Detach();
        }

        ConnectNext(attempts);
    }

    // Where nothing listens on a local port of the ephemeral range, TCP can meet its own SYN there and connect to itself; the echo would
    // pass for a target, and hold the port against the real one.
    private bool IsConnectedToItself(IPEndPoint remote) => IPAddress.IsLoopback(remote.Address) && Socket.LocalEndPoint().Equals(remote);
}
