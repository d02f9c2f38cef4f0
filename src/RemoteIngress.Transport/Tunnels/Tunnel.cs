using System.Net;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tunnels;

/// <summary>
/// A <see cref="TunnelCore"/> on a loop: one TCP socket with TLS. In a turn it reads a bounded portion, lets the core deliver it, then
/// fills, encrypts and sends one batch. While a batch is not wholly in the socket, nothing more is pulled from clients or targets: that
/// is the back-pressure, and it bounds the memory of a tunnel.
/// </summary>
internal sealed partial class Tunnel : IPollable, ITurn, IWireSink
{
    private readonly EventLoop _loop;
    private readonly TcpSocket _socket;
    private readonly LoopTimer _timer;
    private readonly LoopTimer _linger;
    private readonly Func<TunnelCore, IHandshake> _createHandshake;
    private readonly Func<TlsChannel, byte[]> _channelBinding;
    private readonly TunnelOptions _options;
    private readonly Action? _released;
    private readonly long _ticket;
    private Func<IWireSink, TlsChannel>? _createTls;
    private TlsChannel? _tls;
    private byte[] _unsent = [];
    private int _unsentStart;
    private int _unsentEnd;
    private int _wireLength;
    private int _streams;
    private bool _isConnecting;
    private bool _isReadable;
    private bool _isHandshakeStarted;
    private bool _isFinished;
    private bool _isReleased;

    private Tunnel(EventLoop loop, TcpSocket socket, TunnelSetup setup, bool isConnecting)
    {
        _loop = loop;
        _socket = socket;
        _options = setup.Options;
        _released = setup.Released;
        _createHandshake = setup.CreateHandshake;
        _channelBinding = setup.ChannelBinding;
        _createTls = setup.CreateTls;
        _isConnecting = isConnecting;
        Core = new TunnelCore(setup.Role, setup.Options, setup.Events, loop.Now, loop.Holdings, loop.Datagrams.Counts);
        _timer = new LoopTimer(OnTimer);
        _linger = new LoopTimer(Release);
        _loop.Arm(_timer, Core.NextDeadline);
        _ticket = loop.Register(socket.Descriptor, this);
        if (_ticket == 0)
        {
            // Posted: the owner does not know this tunnel yet.
            loop.Post(() => Core.Close(TunnelEndReason.ConnectionLost, "the system watches no more sockets"));
        }
    }

    internal TunnelCore Core { get; }

    bool ITurn.IsQueued { get; set; }

    /// <summary>Hub: takes over an accepted connection.</summary>
    internal static Tunnel Accept(EventLoop loop, TcpSocket socket, TunnelSetup setup)
    {
        socket.SetNoDelay();
        var tunnel = new Tunnel(loop, socket, setup, isConnecting: false) { _isReadable = true };
        tunnel.StartTls();
        return tunnel;
    }

    /// <summary>Edge: dials. Null with <paramref name="error"/> when the system refused at once.</summary>
    internal static Tunnel? Connect(EventLoop loop, IPEndPoint remote, TunnelSetup setup, out string error)
    {
        var socket = TcpSocket.Connect(remote, out var errno);
        error = errno == 0 ? "" : Errno.Describe(errno);
        return errno == 0 ? new Tunnel(loop, socket, setup, isConnecting: true) : null;
    }

    /// <summary>Has output: the core's <see cref="ITunnelEvents.OnWantsFlush"/> leads here.</summary>
    internal void Flush() => _loop.Queue(this);

    void IPollable.OnEvents(uint flags)
    {
        if (_isConnecting && !FinishConnect(flags))
        {
            return;
        }

        _isReadable |= (flags & (Linux.EpollIn | Linux.EpollReadHangUp | Linux.EpollHangUp | Linux.EpollError)) != 0;
        _loop.Queue(this);
    }

    bool ITurn.Turn()
    {
        if (_isReleased || _isConnecting)
        {
            ReleaseIfClosedWhileConnecting();
            return false;
        }

        if (_isReadable && !Core.IsClosed)
        {
            ReadPortion();
        }

        Send();
        NoteStreams(Core.Mux.StreamCount);
        if (Core.IsClosed)
        {
            CloseDown();
        }
        else
        {
            _loop.Arm(_timer, Core.NextDeadline);
        }

        return HasMoreToDo();
    }

    /// <summary>Records of TLS: behind what the socket has not taken yet, or into the loop's scratch buffer.</summary>
    void IWireSink.Append(ReadOnlySpan<byte> records)
    {
        var wire = _loop.Buffers.Wire;
        if (_unsentEnd == 0 && _wireLength + records.Length <= wire.Length)
        {
            records.CopyTo(wire.AsSpan(_wireLength));
            _wireLength += records.Length;
            return;
        }

        if (_wireLength > 0)
        {
            Keep(wire.AsSpan(0, _wireLength));
            _wireLength = 0;
        }

        Keep(records);
    }

    private void NoteStreams(int count)
    {
        _loop.Usage.AddStreams(count - _streams);
        _streams = count;
    }

    private bool HasMoreToDo()
    {
        if (_isReleased || _isFinished)
        {
            return !_isReleased && _isReadable;
        }

        return (_isReadable && !Core.IsClosed) || (!HasUnsent && _isHandshakeStarted && Core.HasOutput);
    }

    private void ReleaseIfClosedWhileConnecting()
    {
        if (Core.IsClosed)
        {
            Release();
        }
    }

    private bool FinishConnect(uint flags)
    {
        var error = _socket.TakeError();
        if (error != 0 || (flags & (Linux.EpollError | Linux.EpollHangUp)) != 0)
        {
            Core.Close(TunnelEndReason.ConnectFailed, Errno.Describe(error == 0 ? Errno.ConnectionReset : error));
            return false;
        }

        if ((flags & Linux.EpollOut) == 0)
        {
            return false;
        }

        _isConnecting = false;
        StartTls();
        return true;
    }

    private void StartTls()
    {
        _tls = _createTls!(this);
        _createTls = null;

        // The scratch buffer is lent for this call only: a ClientHello may be in it.
        SendWire();
        _loop.Queue(this);
    }

    private void ReadPortion()
    {
        var buffer = _loop.Buffers.Receive;
        var status = _socket.Receive(buffer, out var count);
        _isReadable = status == IoStatus.Done;
        if (status == IoStatus.Done)
        {
            _tls!.Feed(buffer.AsMemory(0, count));
            Deliver();
        }
        else if (status != IoStatus.WouldBlock)
        {
            OnInputEnded(status);
        }
    }

    private void OnInputEnded(IoStatus status)
    {
        // Everything that came before was delivered when it came, and a close_notify among it has closed the core: what is left is an end
        // without one, which is how a killed process and a cut line look.
        var isHandshaking = _tls!.State == TlsState.Handshaking;
        _tls.EndOfInput();
        var detail = status == IoStatus.Failed ? "connection reset" : "the connection ended without a word";
        Core.Close(
            isHandshaking ? TunnelEndReason.TlsFailed : TunnelEndReason.ConnectionLost,
            isHandshaking ? $"{detail} during the TLS handshake" : detail);
    }

    private void Deliver()
    {
        BeginHandshakeWhenOpen();
        var plain = _loop.Buffers.Plain.AsMemory();
        while (!Core.IsClosed)
        {
            var range = _tls!.Read(plain);
            var (offset, length) = range.GetOffsetAndLength(plain.Length);
            if (length > 0)
            {
                Core.Receive(plain.Span.Slice(offset, length), _loop.Now);
            }

            if (_tls.State != TlsState.Open || length == 0)
            {
                break;
            }
        }

        JudgeTls();
    }

    private void BeginHandshakeWhenOpen()
    {
        if (_isHandshakeStarted || _tls!.State != TlsState.Open)
        {
            return;
        }

        if (_tls.Protocol != TlsPolicy.Alpn)
        {
            Core.Close(TunnelEndReason.TlsFailed, "the peer does not speak remoteingress/2 (ALPN)");
            return;
        }

        _isHandshakeStarted = true;
        Core.Begin(_createHandshake(Core), _channelBinding(_tls), _loop.Now);
    }

    private void JudgeTls()
    {
        switch (_tls!.State)
        {
            case TlsState.Failed:
                Core.Close(TunnelEndReason.TlsFailed, _tls.Error);
                break;
            case TlsState.Ended:
                Core.OnConnectionEnded();
                break;
        }
    }

    private void OnTimer()
    {
        Core.Advance(_loop.Now);
        _loop.Queue(this);
        if (!Core.IsClosed)
        {
            _loop.Arm(_timer, Core.NextDeadline);
        }
    }
}
