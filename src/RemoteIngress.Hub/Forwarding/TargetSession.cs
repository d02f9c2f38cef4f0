using System.Net;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>
/// One UDP session: a socket of its own, connected to the target, so that answers find their client by the port they come to and an ICMP
/// refusal finds its session. Lives until the edge closes it, its target refuses, or its tunnel ends.
/// </summary>
internal sealed class TargetSession : IDatagramPeer, IPollable, ITurn, ITargetWaiter
{
    private const int ReceivesPerTurn = 2;

    private readonly IDatagramHost _host;
    private readonly MuxSession _session;
    private readonly IPEndPoint _client;
    private readonly IPEndPoint _public;
    private ForwardingPlan _plan;
    private PortPlan _port;
    private PendingDatagrams? _pending;
    private DatagramWriter? _writer;
    private UdpSocket _socket;
    private long _ticket;
    private bool _isEnded;

    private TargetSession(IDatagramHost host, MuxSession session, ForwardingPlan plan, PortPlan port, IPEndPoint client, IPEndPoint destination)
    {
        (_host, _session, _plan, _port, _client, _public) = (host, session, plan, port, client, destination);
    }

    bool ITurn.IsQueued { get; set; }

    private DatagramCounts Counts => _host.Loop.Datagrams.Counts;

    /// <summary>Serves a session that the edge opened with <paramref name="header"/>, or closes it and returns why.</summary>
    internal static StreamEndReason? Open(IDatagramHost host, MuxSession session, ReadOnlySpan<byte> header)
    {
        if (ProxyV2.TryRead(header, out var read, out var consumed) != ProxyReadStatus.Ok || consumed != header.Length
            || read is not { Transport: ProxyTransport.Datagram, Source: { } source, Destination: { } destination })
        {
            return Refuse(session, StreamEndReason.ProtocolError);
        }

        if (host.Plan is not { } plan || plan.FindUdp(destination.Port) is not { } port)
        {
            return Refuse(session, StreamEndReason.PortRemoved);
        }

        var target = new TargetSession(host, session, plan, port, source, destination);
        session.Peer = target;
        host.Loop.Datagrams.Counts.OnOpened();
        target.Start();
        return null;
    }

    void IDatagramPeer.OnDatagram(MuxSession session, ReadOnlySpan<byte> payload)
    {
        _host.OnDatagramPassed();
        if (!FollowPlan())
        {
            return;
        }

        if (_writer is { } writer)
        {
            Send(writer, payload);
        }
        else
        {
            _pending!.Add(payload);
        }
    }

    void IDatagramPeer.OnClosed(MuxSession session, bool isTunnelLost) => End(isTunnelLost ? StreamEndReason.TunnelLost : StreamEndReason.Completed);

    void ITargetWaiter.OnResolved(IReadOnlyList<IPAddress> addresses)
    {
        // Not these: meanwhile the port may have got another target.
        if (!_isEnded && _writer is null && _port.Host.Find(_host.Loop, this) is { } found)
        {
            Connect(found);
        }
    }

    void IPollable.OnEvents(uint flags)
    {
        if ((flags & (Linux.EpollIn | Linux.EpollError)) != 0)
        {
            _host.Loop.Queue(this);
        }
    }

    bool ITurn.Turn()
    {
        var receiver = _host.Loop.Datagrams.Receiver;
        for (var left = ReceivesPerTurn; left > 0 && _writer is not null; left--)
        {
            var count = receiver.Receive(_socket, out var error);
            if (count < 0)
            {
                return error != Errno.Again && OnError(error);
            }

            for (var i = 0; i < count; i++)
            {
                _host.OnDatagramPassed();
                _session.Send(receiver.Payload(i));
            }

            if (count < DatagramReceiver.Capacity)
            {
                return false;
            }
        }

        return _writer is not null;
    }

    private static StreamEndReason Refuse(MuxSession session, StreamEndReason reason)
    {
        session.Close();
        return reason;
    }

    private void Start()
    {
        _pending = new PendingDatagrams(Counts);
        if (_port.Host.Find(_host.Loop, this) is { } addresses)
        {
            Connect(addresses);
        }
    }

    private void Connect(IReadOnlyList<IPAddress> addresses)
    {
        var error = 0;
        for (var i = 0; i < addresses.Count; i++)
        {
            var address = addresses[(int)((uint)(_port.Host.UdpStart + i) % (uint)addresses.Count)];
            if (UdpSocket.TryConnect(new IPEndPoint(address, _port.Port), _host.Files, out var socket, out error))
            {
                Attach(socket);
                return;
            }
        }

        if (ConnectAttempts.IsOutOfDescriptors(error))
        {
            _host.OnOutOfDescriptors();
        }

        Fail(addresses.Count == 0 ? StreamEndReason.TargetUnresolved : ConnectAttempts.Explain(error));
    }

    private void Attach(UdpSocket socket)
    {
        socket.SetReceiveBuffer(_host.UdpReceiveBuffer);
        _socket = socket;
        _writer = new DatagramWriter(socket, Counts, _port.Header, _client, _public);
        _ticket = _host.Loop.Register(socket.Descriptor, this);
        if (_ticket == 0)
        {
            Fail(StreamEndReason.LimitReached);
            return;
        }

        var pending = _pending!;
        _pending = null;
        foreach (var payload in pending.All)
        {
            if (_writer is { } writer)
            {
                Send(writer, payload);
            }
        }
    }

    private void Send(DatagramWriter writer, ReadOnlySpan<byte> payload)
    {
        var error = writer.Send(payload);
        if (error != 0)
        {
            OnError(error);
        }
    }

    /// <summary>A socket's error is of an earlier datagram: ICMP says that nobody listens there. Others pass.</summary>
    private bool OnError(int error)
    {
        if (error != Errno.ConnectionRefused)
        {
            return true;
        }

        // Where a name has several addresses the next session tries the next one.
        _port.Host.UdpStart++;
        Fail(StreamEndReason.TargetRefused);
        return false;
    }

    // A new generation may send the port elsewhere: a session that never falls silent must not stay with the old target.
    private bool FollowPlan()
    {
        if (_isEnded)
        {
            return false;
        }

        if (_host.Plan is not { } plan || ReferenceEquals(plan, _plan))
        {
            return true;
        }

        _plan = plan;
        if (plan.FindUdp(_public.Port) is not { } port)
        {
            Fail(StreamEndReason.PortRemoved);
        }
        else if (port != _port)
        {
            _port = port;
            Detach();
            Start();
        }

        return !_isEnded;
    }

    private void Fail(StreamEndReason reason)
    {
        if (_isEnded)
        {
            return;
        }

        if (reason is not (StreamEndReason.PortRemoved or StreamEndReason.LimitReached))
        {
            _host.OnTargetFailed(_public.Port, _port, reason);
        }

        _session.Close();
        End(reason);
    }

    private void End(StreamEndReason reason)
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        Detach();
        Counts.OnEnded(reason);
        _host.OnSessionEnded(reason);
    }

    private void Detach()
    {
        _pending?.Drop();
        _pending = null;
        if (_writer is not null)
        {
            _writer = null;
            _host.Loop.Unregister(_ticket);
            _socket.Close();
        }
    }
}
