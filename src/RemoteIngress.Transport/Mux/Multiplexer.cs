using System.Buffers.Binary;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Mux;

/// <summary>
/// The streams of one tunnel over TLS: sans-I/O, single-threaded, no clock. Frames come in through <see cref="OnHeader"/> and its
/// siblings, batches go out through <see cref="Fill"/>. docs/protocol.md specifies what it speaks.
/// </summary>
/// <param name="role">Which end this is.</param>
/// <param name="host">The tunnel around it.</param>
/// <param name="maxStreams">Streams that may be open at once.</param>
/// <param name="holdings">Where bytes are counted that peers keep. Its bound is what the far end was told.</param>
/// <param name="datagrams">The UDP sessions, which share the streams' numbers.</param>
/// <param name="lastId">The number before the first one this end gives to a stream.</param>
internal sealed partial class Multiplexer(
    PeerRole role, IMuxHost host, int maxStreams, TunnelHoldings holdings, DatagramSessions datagrams, uint lastId = 0) : IDisposable
{
    private readonly Dictionary<uint, MuxStream> _streams = [];
    private readonly ControlQueue _control = new();
    private readonly SendScheduler _scheduler = new();
    private readonly WindowPolicy _windows = new();
    private readonly DatagramSessions _datagrams = datagrams;
    private readonly ReceiveBudget _receiving = new(holdings.Bound);
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

    /// <summary>What is under way to the far end.</summary>
    internal SendBudget Sending { get; } = new();

    /// <summary>What came from the far end and is not reported as consumed.</summary>
    internal ReceiveBudget Receiving => _receiving;

    /// <summary>What peers keep.</summary>
    internal TunnelHoldings Holdings => holdings;

    /// <summary>Set while draining, once the peer knows: OPEN is answered with RESET, which lets the edge take another hub.</summary>
    internal bool RefusesStreams { get; set; }

    /// <summary>Bytes of control frames that wait to be sent.</summary>
    internal int QueuedControl => _control.Length;

    internal bool HasOutput => _control.Length > 0 || _datagrams.HasOutput || !_scheduler.IsEmpty || Sending.CanWake;

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

        holdings.Drop(stream);
    }

    /// <summary>Resets a stream for a reason of our own; one that has ended loses the last bytes its peer still keeps.</summary>
    internal void GiveUp(MuxStream stream, StreamEndReason reason)
    {
        if (!stream.IsEnded)
        {
            SendReset(stream.Id, reason);
        }

        if (!stream.IsEnded)
        {
            EndWith(stream, reason);
        }
        else if (stream.Held > 0)
        {
            stream.Peer.OnReset(reason);
            holdings.Drop(stream);
        }
    }

    internal bool MaySend(MuxStream stream) => Sending.Allowance(stream) > 0;

    internal void Schedule(MuxStream stream)
    {
        if (!stream.HasData || stream.IsQueued || stream.SendCredit <= 0 || stream.NearEnded || stream.IsEnded)
        {
            return;
        }

        if (stream.ParkedAt < 0 && MaySend(stream))
        {
            _scheduler.Add(stream);
            host.WantsFlush();
        }
        else
        {
            Sending.Park(stream);
        }
    }

    /// <summary>The peer got rid of bytes it kept.</summary>
    internal void Consumed(MuxStream stream, int count)
    {
        count = holdings.Take(stream, count);
        if (count > 0)
        {
            Report(stream, count);
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
        _datagrams.AbortAll();
    }

    public void Dispose() => _control.Dispose();

    // Also after the far end's CLOSE: its account of the tunnel must come out even.
    private void Report(MuxStream stream, int count)
    {
        if (stream.IsEnded)
        {
            return;
        }

        if (_receiving.Consumed(stream, count))
        {
            SendReport(stream);
        }

        SendDueReports();
    }

    private void SendDueReports()
    {
        while (_receiving.Next is { } owing)
        {
            SendReport(owing);
        }
    }

    private void SendReport(MuxStream stream)
    {
        var consumed = stream.ReceiveWindow.Report(host.Now, host.RoundTrip, mayGrow: !_receiving.IsTight);
        _receiving.Settle(stream, consumed, consumed);
        Span<byte> payload = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)consumed);
        BinaryPrimitives.WriteUInt32BigEndian(payload[sizeof(uint)..], (uint)stream.ReceiveWindow.Size);
        Control(stream.Id, _sendWindow, payload);
    }

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
        holdings.Drop(stream);
        host.OnStreamEnded(stream);
    }

    private bool Unlink(MuxStream stream)
    {
        if (!_streams.Remove(stream.Id))
        {
            return false;
        }

        stream.MarkEnded();
        _windows.Remove();
        _receiving.Settle(stream, stream.ReceiveWindow.Unreported, stream.ReceiveWindow.Outstanding);
        Sending.Restore(stream, stream.Outstanding);
        WakeParked();
        Ended++;
        return true;
    }

    private void WakeParked()
    {
        if (Sending.CanWake)
        {
            host.WantsFlush();
        }
    }

    private uint NextId()
    {
        do
        {
            _lastId++;
            _wrapped |= _lastId == 0;
        }
        while (_lastId == 0 || _streams.ContainsKey(_lastId) || _datagrams.Contains(_lastId));
        return _lastId;
    }
}
