using System.Buffers.Binary;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux;

internal sealed partial class Multiplexer
{
    private MuxStream? _receiving;

    /// <summary>Judges the header of a stream frame (stream id other than 0; direction and length were checked already).</summary>
    internal FrameAction OnHeader(in FrameHeader header)
    {
        if (header.Type is not (FrameType.Data or FrameType.DataBack))
        {
            return FrameAction.Collect;
        }

        _receiving = Find(header);
        if (_receiving is null)
        {
            return WasOpened(header.StreamId) ? FrameAction.Skip : Violation($"{header.Type} for stream {header.StreamId}, which was never opened");
        }

        if (_receiving.FarEnded)
        {
            return Violation($"{header.Type} after its end on stream {header.StreamId}");
        }

        return _receiving.ReceiveWindow.TryReceive(header.Length)
            ? FrameAction.Stream
            : Violation($"{header.Length} bytes on stream {header.StreamId}, which has credit for {_receiving.ReceiveWindow.Open}");
    }

    internal void OnData(ReadOnlySpan<byte> piece)
    {
        var stream = _receiving;
        if (stream is null || stream.IsEnded)
        {
            return;
        }

        var consumed = stream.Peer.Deliver(piece);
        if (consumed > 0)
        {
            Consumed(stream, consumed);
        }
    }

    internal void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Type == FrameType.Open)
        {
            OnOpenFrame(header.StreamId, payload);
            return;
        }

        var stream = Find(header);
        if (stream is null)
        {
            if (!WasOpened(header.StreamId))
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
                OnWindowUpdate(stream, BinaryPrimitives.ReadUInt32BigEndian(payload));
                break;
            case FrameType.Reset:
                EndWith(stream, StreamEndReasons.FromWire(BinaryPrimitives.ReadUInt32BigEndian(payload)));
                break;
        }
    }

    private void OnOpenFrame(uint id, ReadOnlySpan<byte> payload)
    {
        if (_streams.ContainsKey(id))
        {
            Violation($"OPEN for stream {id}, which is open");
            return;
        }

        _wrapped |= id < _lastId;
        _lastId = id;
        if (RefusesStreams || _streams.Count >= maxStreams)
        {
            var reason = RefusesStreams ? StreamEndReason.Shutdown : StreamEndReason.LimitReached;
            SendReset(id, reason);
            host.OnRefused(reason);
            return;
        }

        host.OnOpen(AddStream(id), payload);
    }

    private void OnCloseFrame(MuxStream stream)
    {
        if (stream.FarEnded)
        {
            Violation($"a second CLOSE on stream {stream.Id}");
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

    private void OnWindowUpdate(MuxStream stream, uint credit)
    {
        if (!stream.TryAddCredit(credit))
        {
            Violation($"credit overflow on stream {stream.Id}");
            return;
        }

        Schedule(stream);
    }

    private MuxStream? Find(in FrameHeader header) => _streams.GetValueOrDefault(header.StreamId);

    // Frames that were under way when a stream ended are no error; an id nobody ever opened is.
    private bool WasOpened(uint id) => _wrapped || id <= _lastId;

    private FrameAction Violation(string detail)
    {
        host.Fail(TunnelEndReason.ProtocolError, detail);
        return FrameAction.Stop;
    }
}
