using System.Net;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Sockets;

/// <summary>
/// A listening socket on one loop: accepts in bounded portions and hands on. A lack of descriptors pauses it for a moment instead of spinning.
/// </summary>
internal sealed class Acceptor : IPollable, ITurn
{
    // Enough to empty a burst quickly, few enough not to hold up the tunnels.
    private const int AcceptsPerTurn = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly EventLoop _loop;
    private readonly ListenSocket _socket;
    private readonly Action<TcpSocket, IPEndPoint> _accepted;
    private readonly Action<string> _paused;
    private readonly LoopTimer _resume;
    private readonly long _ticket;
    private bool _isClosed;

    private Acceptor(EventLoop loop, ListenSocket socket, Action<TcpSocket, IPEndPoint> accepted, Action<string> paused, bool isKept)
    {
        _loop = loop;
        _socket = socket;
        _accepted = accepted;
        _paused = paused;
        _resume = new LoopTimer(() => _loop.Queue(this));
        _ticket = loop.Register(socket.Descriptor, this, isKept);
    }

    bool ITurn.IsQueued { get; set; }

    /// <summary>Takes over the socket; null (and the socket is closed) when the system watches no more of them.</summary>
    /// <param name="loop">The loop that is calling.</param>
    /// <param name="socket">Bound and listening.</param>
    /// <param name="accepted">Gets every connection, and owns it from then on.</param>
    /// <param name="paused">Told why accepting pauses.</param>
    /// <param name="isKept">The socket outlives a loop that dies.</param>
    internal static Acceptor? TryStart(
        EventLoop loop, ListenSocket socket, Action<TcpSocket, IPEndPoint> accepted, Action<string> paused, bool isKept = false)
    {
        var acceptor = new Acceptor(loop, socket, accepted, paused, isKept);
        if (acceptor._ticket != 0)
        {
            return acceptor;
        }

        acceptor.Close();
        return null;
    }

    void IPollable.OnEvents(uint flags) => _loop.Queue(this);

    bool ITurn.Turn()
    {
        for (var left = AcceptsPerTurn; left > 0 && !_isClosed; left--)
        {
            if (_socket.TryAccept(out var accepted, out var remote, out var error))
            {
                _accepted(accepted, remote!);
            }
            else if (error is Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoMemory or Errno.NoBuffers)
            {
                // The connection stays in the queue and no event will tell of it again.
                _loop.ArmIn(_resume, Pause);
                _paused(Errno.Describe(error));
                return false;
            }
            else if (error == Errno.Again)
            {
                return false;
            }

            // Anything else is about one client that was gone before it was accepted (accept(2)): the next one may be fine.
        }

        return !_isClosed;
    }

    internal void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _loop.Cancel(_resume);
            _loop.Unregister(_ticket);
            _socket.Close();
        }
    }
}
