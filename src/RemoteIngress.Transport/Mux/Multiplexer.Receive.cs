using System.Buffers.Binary;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux;

internal sealed partial class Multiplexer
{
    private MuxStream? _target;

    /// <summary>Judges the header of a stream frame (stream id other than 0; direction and length were checked already).</summary>
    internal FrameAction OnHeader(in FrameHeader header)
    {
        if (header.Type is not (FrameType.Data or FrameType.DataBack))
        {
            return FrameAction.Collect;
        }

        _target = Find(header);
        if (_target is null)
        {
            return HasEnded(header.StreamId) ? FrameAction.Skip : Violation($"{header.Type} for stream {header.StreamId}, which was never opened");
        }

        if (_target.FarEnded)
        {
            return Violation($"{header.Type} after its end on stream {header.StreamId}");
        }

        if (IsEarly(_target))
        {
            return Violation($"{header.Type} before OPENED on stream {header.StreamId}");
        }

        if (!_target.ReceiveWindow.TryReceive(header.Length))
        {
            return Violation($"{header.Length} bytes on stream {header.StreamId}, which may send {_target.ReceiveWindow.Open}");
        }

        _receiving.Received(header.Length);
        SendDueReports();
        return FrameAction.Stream;
    }

    internal void OnData(ReadOnlySpan<byte> piece)
    {
        var stream = _target;
        if (stream is null || stream.IsEnded)
        {
            return;
        }

        var consumed = stream.Peer.Deliver(piece);
        if (stream.IsEnded)
        {
            return;
        }

        if (consumed < piece.Length && !holdings.TryHold(stream, piece.Length - consumed))
        {
            GiveUp(stream, StreamEndReason.BufferExhausted);
        }
        else if (consumed > 0)
        {
            Report(stream, consumed);
        }
    }

    internal void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Type == FrameType.Open)
        {
            OnOpenFrame(header.StreamId, payload);
            return;
        }

        if (IsSessionFrame(header.Type))
        {
            OnSessionFrame(header, payload);
            return;
        }

        var stream = Find(header);
        if (stream is null)
        {
            if (!HasEnded(header.StreamId))
            {
                Violation($"{header.Type} for stream {header.StreamId}, which was never opened");
            }

            return;
        }

        OnStreamFrame(stream, header.Type, payload);
    }

    private void OnStreamFrame(MuxStream stream, FrameType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.Opened when stream.IsOpened:
                break;
            case FrameType.Opened:
                stream.MarkOpened();
                stream.Peer.OnOpened();
                break;
            case FrameType.Close or FrameType.CloseBack:
                OnCloseFrame(stream);
                break;
            case FrameType.WindowUpdate or FrameType.WindowUpdateBack:
                OnWindowUpdate(stream, BinaryPrimitives.ReadUInt32BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[sizeof(uint)..]));
                break;
            case FrameType.Reset:
                EndWith(stream, StreamEndReasons.FromWire(BinaryPrimitives.ReadUInt32BigEndian(payload)));
                break;
        }
    }

    private void OnOpenFrame(uint id, ReadOnlySpan<byte> payload)
    {
        if (!TryTakeId(id, FrameType.Open))
        {
            return;
        }

        if (RefusesStreams || _streams.Count >= maxStreams)
        {
            var reason = RefusesStreams ? StreamEndReason.Shutdown : StreamEndReason.LimitReached;
            SendReset(id, reason);
            host.OnRefused(reason);
            return;
        }

        host.OnOpen(AddStream(id), payload);
    }

    private bool TryTakeId(uint id, FrameType type)
    {
        if (_streams.ContainsKey(id) || _datagrams.Contains(id))
        {
            Violation($"{type} for stream {id}, which is open");
            return false;
        }

        _wrapped |= id < _lastId;
        _lastId = id;
        return true;
    }

    private void OnCloseFrame(MuxStream stream)
    {
        if (stream.FarEnded)
        {
            Violation($"a second CLOSE on stream {stream.Id}");
            return;
        }

        if (IsEarly(stream))
        {
            Violation($"CLOSE_BACK before OPENED on stream {stream.Id}");
            return;
        }

        var isOver = stream.EndFar();
        if (isOver)
        {
            Unlink(stream);
        }

        stream.Peer.OnEnd();
        if (isOver)
        {
            host.OnStreamEnded(stream);
        }
    }

    private void OnWindowUpdate(MuxStream stream, uint consumed, uint window)
    {
        if (consumed > stream.Outstanding || window > FrameLimits.MaxWindow)
        {
            Violation($"{consumed} bytes consumed of {stream.Outstanding} and a window of {window} on stream {stream.Id}");
            return;
        }

        Sending.Restore(stream, (int)consumed);
        stream.SendWindow = (int)window;
        Schedule(stream);
        WakeParked();
    }

    // The edge moves clients to other hubs until OPENED: what a target said before must not have reached them.
    private bool IsEarly(MuxStream stream) => role == PeerRole.Edge && !stream.IsOpened;

    private MuxStream? Find(in FrameHeader header) => _streams.GetValueOrDefault(header.StreamId);

    // Frames that were under way when a stream ended are no error; an id nobody ever opened as what the frame is for is one.
    private bool HasEnded(uint id) => (_wrapped || id <= _lastId) && !_streams.ContainsKey(id) && !_datagrams.Contains(id);

    private FrameAction Violation(string detail)
    {
        host.Fail(TunnelEndReason.ProtocolError, detail);
        return FrameAction.Stop;
    }
}
