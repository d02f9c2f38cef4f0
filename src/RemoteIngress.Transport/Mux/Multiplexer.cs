using System.Buffers.Binary;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Mux;

/// <summary>
/// The streams of one tunnel over TLS: sans-I/O, single-threaded, no clock. Frames come in through <see cref="OnHeader"/> and its
/// siblings, batches go out through <see cref="Fill"/>. docs/protocol.md specifies what it speaks.
/// </summary>
/// <param name="role">Which end this is.</param>
/// <param name="host">The tunnel around it.</param>
/// <param name="maxStreams">Streams that may be open at once.</param>
/// <param name="lastId">The number before the first one this end gives to a stream.</param>
internal sealed partial class Multiplexer(PeerRole role, IMuxHost host, int maxStreams, uint lastId = 0) : IDisposable
{
    private readonly Dictionary<uint, MuxStream> _streams = [];
    private readonly ControlQueue _control = new();
    private readonly SendScheduler _scheduler = new();
    private readonly WindowPolicy _windows = new();
    private readonly FrameType _sendData = role == PeerRole.Edge ? FrameType.Data : FrameType.DataBack;
    private readonly FrameType _sendClose = role == PeerRole.Edge ? FrameType.Close : FrameType.CloseBack;
    private readonly FrameType _sendWindow = role == PeerRole.Edge ? FrameType.WindowUpdate : FrameType.WindowUpdateBack;
    private uint _lastId = lastId;
    private bool _wrapped;
    private bool _isAborted;

    internal int StreamCount => _streams.Count;

    internal long Opened { get; private set; }

    internal long Ended { get; private set; }

    internal WindowPolicy Windows => _windows;

    /// <summary>Set while draining: OPEN is answered with RESET, which lets the edge take another hub.</summary>
    internal bool RefusesStreams { get; set; }

    /// <summary>Bytes of control frames that wait to be sent.</summary>
    internal int QueuedControl => _control.Length;

    internal bool HasOutput => _control.Length > 0 || !_scheduler.IsEmpty;

    /// <summary>Edge: opens a stream. Null when the tunnel is full or gone.</summary>
    internal MuxStream? TryOpen(ReadOnlySpan<byte> proxyLine, IStreamPeer peer)
    {
        if (_isAborted || _streams.Count >= maxStreams)
        {
            return null;
        }

        // First the frame: should there be no room for it, the tunnel ends, and a peer that is no part of it yet need not be told.
        var id = NextId();
        if (!Control(id, FrameType.Open, proxyLine))
        {
            return null;
        }

        var stream = AddStream(id);
        stream.Peer = peer;
        return stream;
    }

    /// <summary>Queues a frame of stream 0.</summary>
    internal void SendControl(FrameType type, ReadOnlySpan<byte> payload) => Control(0, type, payload);

    internal void SendOpened(MuxStream stream)
    {
        if (!stream.IsEnded)
        {
            Control(stream.Id, FrameType.Opened, []);
        }
    }

    internal void Reset(MuxStream stream, StreamEndReason reason)
    {
        // It ends first: should there be no room for the frame, then every stream is aborted, and this one may not even have a peer yet.
        if (Unlink(stream))
        {
            SendReset(stream.Id, reason);
            host.OnStreamEnded(stream);
        }
    }

    internal void Schedule(MuxStream stream)
    {
        if (stream.HasData && stream.SendCredit > 0 && !stream.NearEnded && !stream.IsEnded)
        {
            _scheduler.Add(stream);
            host.WantsFlush();
        }
    }

    internal void Consumed(MuxStream stream, int count)
    {
        if (stream.IsEnded || stream.FarEnded)
        {
            return;
        }

        var credit = stream.ReceiveWindow.Consume(count, host.Now, host.RoundTrip);
        if (credit > 0)
        {
            Span<byte> payload = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)credit);
            Control(stream.Id, _sendWindow, payload);
        }
    }

    /// <summary>The tunnel is gone: every stream ends with <paramref name="reason"/>.</summary>
    internal void AbortAll(StreamEndReason reason)
    {
        // A peer that opens its next stream here again when it is told would keep this going for ever.
        _isAborted = true;
        foreach (var stream in _streams.Values.ToArray())
        {
            // Peers may reset others while they are told: hence the copy, and the look at each.
            if (!stream.IsEnded)
            {
                EndWith(stream, reason);
            }
        }

        _scheduler.Clear();
    }

    public void Dispose() => _control.Dispose();

    private void SendReset(uint id, StreamEndReason reason)
    {
        Span<byte> payload = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(payload, reason.WireCode());
        Control(id, FrameType.Reset, payload);
    }

    private bool Control(uint id, FrameType type, ReadOnlySpan<byte> payload)
    {
        if (!_control.TryAppend(id, type, payload))
        {
            host.Fail(TunnelEndReason.ProtocolError, "the peer does not read: control frames pile up");
            return false;
        }

        host.WantsFlush();
        return true;
    }

    private MuxStream AddStream(uint id)
    {
        var stream = new MuxStream(this, id, _windows);
        _streams.Add(id, stream);
        _windows.Add();
        Opened++;
        return stream;
    }

    private void Remove(MuxStream stream)
    {
        if (Unlink(stream))
        {
            host.OnStreamEnded(stream);
        }
    }

    // The peer is told first: a host that drains closes the whole tunnel when it hears of the last stream.
    private void EndWith(MuxStream stream, StreamEndReason reason)
    {
        Unlink(stream);
        stream.Peer.OnReset(reason);
        host.OnStreamEnded(stream);
    }

    private bool Unlink(MuxStream stream)
    {
        if (!_streams.Remove(stream.Id))
        {
            return false;
        }

        stream.MarkEnded();
        _windows.Remove(stream.ReceiveWindow.Size);
        Ended++;
        return true;
    }

    private uint NextId()
    {
        do
        {
            _lastId++;
            _wrapped |= _lastId == 0;
        }
        while (_lastId == 0 || _streams.ContainsKey(_lastId));
        return _lastId;
    }
}
