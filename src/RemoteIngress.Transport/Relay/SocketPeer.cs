using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Relay;

/// <summary>
/// A TCP socket as the near end of a stream: reads go straight into the tunnel's batch, writes come straight from its decrypted bytes,
/// and only what the socket refuses is copied. Half-close and reset pass through both ways. Holds no buffer while idle.
/// <para>Its life ends when both directions ended or either side aborted; then <see cref="OnReleased"/> is called, once.</para>
/// </summary>
internal abstract partial class SocketPeer : IPollable, IStreamPeer
{
    // A client that sends faster than we read must not hold the loop.
    private const int DiscardedReads = 16;

    private OutBuffer _out;
    private long _ticket;
    private int _uncounted;
    private Flags _flags;

    protected SocketPeer(EventLoop loop) => Loop = loop;

    [Flags]
    private enum Flags
    {
        None = 0,
        Readable = 1,
        HungUp = 2,
        ReadEnded = 4,
        FarEnded = 8,
        SendEnded = 16,
        Released = 32,
        Connected = 64,
    }

    internal EventLoop Loop { get; }

    internal bool IsReleased => Has(Flags.Released);

    /// <summary>The stream this socket is tied to now; null while there is none.</summary>
    protected MuxStream? Stream { get; private set; }

    protected TcpSocket Socket { get; private set; }

    protected bool IsConnected => Has(Flags.Connected);

    /// <summary>The near end finished its direction and the stream was told.</summary>
    protected bool ReadEnded => Has(Flags.ReadEnded);

    void IPollable.OnEvents(uint flags)
    {
        if (!IsConnected)
        {
            OnConnecting(flags);
            return;
        }

        if ((flags & Linux.EpollError) != 0 && !CanReadOn)
        {
            Abort(StreamEndReason.PeerReset);
            return;
        }

        if ((flags & (Linux.EpollOut | Linux.EpollError)) == Linux.EpollOut)
        {
            Drain();
        }

        NoteReadable(flags);
    }

    public virtual PullResult Pull(Span<byte> buffer)
    {
        if (!Has(Flags.Readable) || IsReleased || ReadEnded)
        {
            return new PullResult(0, PullState.Empty);
        }

        switch (Socket.Receive(buffer, out var count))
        {
            case IoStatus.Done:
                // Edge-triggered: a short read means empty, unless a FIN is waiting behind it.
                Set(Flags.Readable, count == buffer.Length || Has(Flags.HungUp));
                return new PullResult(count, Has(Flags.Readable) ? PullState.More : PullState.Empty);
            case IoStatus.EndOfStream:
                return EndRead();
            case IoStatus.WouldBlock:
                Set(Flags.Readable, false);
                return new PullResult(0, PullState.Empty);
            default:
                Abort(StreamEndReason.PeerReset);
                return new PullResult(0, PullState.Gone);
        }
    }

    public abstract void OnOpened();

    void IStreamPeer.OnEnd()
    {
        Set(Flags.FarEnded, true);
        EndSendWhenDrained();
    }

    public virtual void OnReset(StreamEndReason reason)
    {
        Stream = null;
        Release(reason, withReset: true);
    }

    /// <summary>Ends both directions from the near side: the stream is told <paramref name="reason"/>, the socket gets an RST.</summary>
    internal void Abort(StreamEndReason reason)
    {
        if (!IsReleased)
        {
            DetachStream(reason);
            Release(reason, withReset: true);
        }
    }

    /// <summary>Takes a descriptor (accepted or connecting) and watches it; aborts when the system watches no more.</summary>
    protected void Attach(TcpSocket socket, bool isConnected)
    {
        Socket = socket;
        Set(Flags.Connected, isConnected);
        _ticket = Loop.Register(socket.Descriptor, this);
        if (_ticket == 0)
        {
            Abort(StreamEndReason.LimitReached);
        }
    }

    /// <summary>Lets go of a descriptor that did not connect, to try another address.</summary>
    protected void Detach()
    {
        Loop.Unregister(_ticket);
        Socket.Close();
        Socket = default;
    }

    /// <summary>The connect succeeded: what waited is sent.</summary>
    protected void MarkConnected(uint flags)
    {
        // Saying OPENED to a peer that does not read may have ended the tunnel, and this with it.
        if (IsReleased)
        {
            return;
        }

        Set(Flags.Connected, true);
        Drain();
        NoteReadable(flags);
    }

    protected void AttachStream(MuxStream stream)
    {
        Stream = stream;
        if (Has(Flags.Readable))
        {
            stream.Readable();
        }
    }

    protected void DetachStream(StreamEndReason reason)
    {
        var stream = Stream;
        Stream = null;
        stream?.Reset(reason);
    }

    /// <summary>The stream is over on its own: nothing to tell it.</summary>
    protected void ForgetStream() => Stream = null;

    /// <summary>FIN instead of RST: unread input is thrown away first, since the kernel answers it with RST otherwise.</summary>
    protected void CloseCleanly(StreamEndReason reason)
    {
        if (IsReleased)
        {
            return;
        }

        DetachStream(reason);
        var scratch = Loop.Buffers.Receive;
        for (var i = 0; i < DiscardedReads && Socket.Receive(scratch, out _) == IoStatus.Done; i++)
        {
        }

        Socket.ShutdownSend();
        Release(reason, withReset: false);
    }

    /// <summary>Puts bytes of our own (a PROXY header) before all of the stream's; they take no credit.</summary>
    protected void Prepend(ReadOnlySpan<byte> bytes)
    {
        _out.Append(bytes, Loop.Usage);
        _uncounted = bytes.Length;
    }

    /// <summary>The client's bytes must be told again on another stream, its end included.</summary>
    protected void RewindEnd() => Set(Flags.ReadEnded, false);

    protected virtual void OnConnecting(uint flags)
    {
    }

    /// <summary>The socket is closed; told once.</summary>
    protected abstract void OnReleased(StreamEndReason reason);

    // What came before an RST is still in the receive queue: it is passed on first, and the read after it fails.
    private bool CanReadOn => !ReadEnded && Stream is { MaySend: true };

    private PullResult EndRead()
    {
        Set(Flags.ReadEnded, true);
        ReleaseWhenDone();
        return new PullResult(0, PullState.End);
    }

    private void NoteReadable(uint flags)
    {
        if (IsReleased || (flags & (Linux.EpollIn | Linux.EpollReadHangUp | Linux.EpollHangUp | Linux.EpollError)) == 0)
        {
            return;
        }

        Set(Flags.Readable, true);
        Set(Flags.HungUp, Has(Flags.HungUp) || (flags & (Linux.EpollReadHangUp | Linux.EpollHangUp | Linux.EpollError)) != 0);
        Stream?.Readable();
    }

    private void ReleaseWhenDone()
    {
        if (Has(Flags.ReadEnded) && Has(Flags.SendEnded))
        {
            Stream = null;
            Release(StreamEndReason.Completed, withReset: false);
        }
    }

    private void Release(StreamEndReason reason, bool withReset)
    {
        if (IsReleased)
        {
            return;
        }

        Set(Flags.Released, true);
        _out.Free(Loop.Usage);
        if (Socket.Descriptor > 0)
        {
            Loop.Unregister(_ticket);
            if (withReset)
            {
                Socket.CloseWithReset();
            }
            else
            {
                Socket.Close();
            }
        }

        OnReleased(reason);
    }

    private bool Has(Flags flag) => (_flags & flag) != 0;

    private void Set(Flags flag, bool value) => _flags = value ? _flags | flag : _flags & ~flag;
}
