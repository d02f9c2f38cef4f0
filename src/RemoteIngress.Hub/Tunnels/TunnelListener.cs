using System.Net;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// The tunnel port on one loop: accepts in bounded portions and hands on. A lack of descriptors pauses it for a moment instead of spinning.
/// </summary>
internal sealed class TunnelListener : IPollable, ITurn
{
    private const int AcceptsPerTurn = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly EventLoop _loop;
    private readonly ListenSocket _socket;
    private readonly Action<TcpSocket, IPEndPoint> _accepted;
    private readonly Action<string> _paused;
    private readonly LoopTimer _resume;
    private readonly long _ticket;
    private bool _isClosed;

    internal TunnelListener(EventLoop loop, ListenSocket socket, Action<TcpSocket, IPEndPoint> accepted, Action<string> paused)
    {
        _loop = loop;
        _socket = socket;
        _accepted = accepted;
        _paused = paused;
        _resume = new LoopTimer(() => _loop.Queue(this));
        _ticket = loop.Register(socket.Descriptor, this);
        if (_ticket == 0)
        {
            throw new InvalidOperationException("the system watches no more sockets");
        }
    }

    bool ITurn.IsQueued { get; set; }

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
            else if (error is not (Errno.ConnectionAborted or Errno.Interrupted))
            {
                return false;
            }
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
