using System.Net;
using RemoteIngress.Protocol.Tls;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Where a connection waits until its first bytes say on which kind of loop it belongs: an edge marks the tunnels of its datagrams in the ClientHello,
/// which is looked at and left in the socket. Whoever says nothing is not waited for long: its loop deals with it as with anybody.
/// Belongs to one loop; bounded by admission, which everybody here has passed.
/// </summary>
internal sealed class Lobby(EventLoop loop, Action<TcpSocket, IPEndPoint, bool> seat, Action<TcpSocket, IPEndPoint> turnAway)
{
    // A ClientHello comes on the heels of the SYN.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<Guest> _guests = [];

    /// <summary>Connections here; any thread may read it.</summary>
    internal int Count => _guests.Count;

    /// <summary>Takes over the socket, until it is given a seat.</summary>
    internal void Enter(TcpSocket socket, IPEndPoint remote)
    {
        if (TrySort(socket, out var isForDatagrams))
        {
            seat(socket, remote, isForDatagrams);
            return;
        }

        var guest = new Guest(this, loop, socket, remote);
        if (guest.Wait())
        {
            _guests.Add(guest);
        }
        else
        {
            seat(socket, remote, false);
        }
    }

    /// <summary>Nobody is let in any more.</summary>
    internal void Close()
    {
        foreach (var guest in _guests)
        {
            guest.Rise();
            turnAway(guest.Socket, guest.Remote);
        }

        _guests.Clear();
    }

    /// <summary>The loop died and has closed the sockets: who was here. Once, after the end of its thread.</summary>
    internal IReadOnlyList<IPAddress> Abandon()
    {
        IReadOnlyList<IPAddress> gone = [.. _guests.Select(guest => guest.Remote.Address)];
        _guests.Clear();
        return gone;
    }

    /// <summary>False while too little has come to tell.</summary>
    private bool TrySort(TcpSocket socket, out bool isForDatagrams)
    {
        var status = socket.Peek(loop.Buffers.Receive.AsSpan(0, ClientHelloDetector.MaxLength), out var count);
        var received = loop.Buffers.Receive.AsSpan(0, count);
        isForDatagrams = ClientHelloAlpn.Offers(received, TlsPolicy.DatagramsAlpn.Protocol.Span);
        return status != IoStatus.WouldBlock
            && (status != IoStatus.Done || ClientHelloDetector.Inspect(received) != ClientHelloState.Partial);
    }

    private void Seat(Guest guest, bool isForDatagrams)
    {
        guest.Rise();
        _guests.Remove(guest);
        seat(guest.Socket, guest.Remote, isForDatagrams);
    }

    private sealed class Guest : IPollable
    {
        private readonly Lobby _lobby;
        private readonly EventLoop _loop;
        private readonly LoopTimer _patience;
        private long _ticket;

        internal Guest(Lobby lobby, EventLoop loop, TcpSocket socket, IPEndPoint remote)
        {
            _lobby = lobby;
            _loop = loop;
            _patience = new LoopTimer(() => _lobby.Seat(this, isForDatagrams: false));
            Socket = socket;
            Remote = remote;
        }

        internal TcpSocket Socket { get; }

        internal IPEndPoint Remote { get; }

        /// <summary>False when the system watches no more sockets.</summary>
        internal bool Wait()
        {
            _ticket = _loop.Register(Socket.Descriptor, this);
            if (_ticket != 0)
            {
                _loop.ArmIn(_patience, Patience);
            }

            return _ticket != 0;
        }

        internal void Rise()
        {
            _loop.Cancel(_patience);
            _loop.HandOver(_ticket, Socket.Descriptor);
        }

        void IPollable.OnEvents(uint flags)
        {
            if (_lobby.TrySort(Socket, out var isForDatagrams))
            {
                _lobby.Seat(this, isForDatagrams);
            }
        }
    }
}
