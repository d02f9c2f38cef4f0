using System.Net;
using RemoteIngress.Edge.Listeners;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Edge.Udp;

/// <summary>One public UDP port on one loop.</summary>
internal sealed class UdpListener : IPortListener, IPollable, ITurn
{
    // A flood must not keep the loop from its tunnels.
    private const int ReceivesPerTurn = 4;

    private readonly EventLoop _loop;
    private readonly UdpSessions _sessions;
    private readonly UdpSocket _socket;
    private readonly long _ticket;
    private uint _kernelDrops;
    private bool _isClosed;

    private UdpListener(EventLoop loop, UdpSessions sessions, PortSpec spec, UdpSocket socket)
    {
        _loop = loop;
        _sessions = sessions;
        _socket = socket;
        Spec = spec;
        _ticket = loop.Register(socket.Descriptor, this);
    }

    bool ITurn.IsQueued { get; set; }

    public PortSpec Spec { get; set; }

    /// <summary>Bytes of the receive buffer that the system gave.</summary>
    internal int ReceiveBuffer { get; private init; }

    internal static UdpListener? TryOpen(EventLoop loop, UdpSessions sessions, IPAddress address, PortSpec spec, int receiveBuffer, out int error)
    {
        if (!UdpSocket.TryBind(new IPEndPoint(address, spec.Port), shared: true, out var socket, out error))
        {
            return null;
        }

        var listener = new UdpListener(loop, sessions, spec, socket) { ReceiveBuffer = socket.SetReceiveBuffer(receiveBuffer) };
        if (listener._ticket != 0)
        {
            return listener;
        }

        error = Errno.NoMemory;
        socket.Close();
        return null;
    }

    void IPollable.OnEvents(uint flags)
    {
        if ((flags & (Linux.EpollIn | Linux.EpollError)) != 0)
        {
            _loop.Queue(this);
        }
    }

    bool ITurn.Turn()
    {
        var receiver = _loop.Datagrams.Receiver;
        for (var left = ReceivesPerTurn; left > 0 && !_isClosed; left--)
        {
            var count = receiver.Receive(_socket, out var error);
            if (count < 0)
            {
                // An error of one datagram was cleared by telling it: what waits behind it is still there.
                return error != Errno.Again;
            }

            for (var i = 0; i < count && !_isClosed; i++)
            {
                Take(receiver, i);
            }

            if (count < DatagramReceiver.Capacity)
            {
                return false;
            }
        }

        return !_isClosed;
    }

    /// <summary>Queues an answer to a client.</summary>
    internal void Reply(ReadOnlySpan<byte> name, UInt128 local, ReadOnlySpan<byte> payload)
    {
        if (!_isClosed)
        {
            _loop.Datagrams.Sender.Add(_socket, name, local, payload);
        }
    }

    /// <inheritdoc/>
    public void Close(StreamEndReason? reason)
    {
        if (_isClosed || reason is not { } ended)
        {
            // While the edge drains its sessions go on, and they need the socket.
            return;
        }

        _sessions.RemoveOf(this, ended);
        _loop.Datagrams.Sender.Flush();
        _isClosed = true;
        _loop.Unregister(_ticket);
        _socket.Close();
    }

    private void Take(DatagramReceiver receiver, int index)
    {
        UInt128 local = 0;
        var drops = _kernelDrops;
        receiver.ReadInfo(index, ref local, ref drops);
        if (drops != _kernelDrops)
        {
            _loop.Datagrams.Counts.OnDropped(DatagramDrop.KernelQueueFull, drops - _kernelDrops);
            _kernelDrops = drops;
        }

        var name = receiver.Name(index);
        _sessions.OnDatagram(this, UdpKey.Create(name, local, Spec.Port), name, receiver.Payload(index));
    }
}
