using System.Buffers.Binary;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Transport.Tunnels;

internal sealed partial class TunnelCore
{
    FrameAction IFrameSink.OnHeader(in FrameHeader header)
    {
        var sender = _role == PeerRole.Edge ? PeerRole.Hub : PeerRole.Edge;
        if (header.Length > FrameLimits.MaxLength(header.Type) || header.Length < FrameLimits.MinLength(header.Type))
        {
            return Violation($"{header.Type} of {header.Length} bytes");
        }

        if (!IsAuthenticated)
        {
            return PreAuthHeader(header);
        }

        if (!FrameLimits.IsKnown(header.Type))
        {
            return FrameAction.Skip;
        }

        if (!FrameLimits.MayComeFrom(header.Type, sender))
        {
            return Violation($"{header.Type} from the {sender.ToString().ToLowerInvariant()}");
        }

        if (FrameLimits.IsControl(header.Type) != (header.StreamId == 0))
        {
            return Violation($"{header.Type} on stream {header.StreamId}");
        }

        return header.StreamId == 0 ? FrameAction.Collect : Mux.OnHeader(header);
    }

    void IFrameSink.OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
        {
            Mux.OnFrame(header, payload);
        }
        else if (!IsAuthenticated && header.Type != FrameType.Reject)
        {
            _handshake!.OnFrame(header.Type, payload);
        }
        else
        {
            OnControlFrame(header.Type, payload);
        }
    }

    void IFrameSink.OnData(ReadOnlySpan<byte> piece) => Mux.OnData(piece);

    private FrameAction PreAuthHeader(in FrameHeader header)
    {
        if (header.StreamId != 0 || _handshake is null || !_handshake.Expects(header.Type))
        {
            return Violation($"{header.Type} before authentication");
        }

        // Every byte belongs to a frame, so counting the frames that were announced bounds what is ever collected.
        _preAuthBytes += FrameHeader.Size + header.Length;
        if (_role == PeerRole.Hub && _preAuthBytes > _options.PreAuthBytes)
        {
            Close(TunnelEndReason.PreAuthLimit, $"more than {_options.PreAuthBytes} bytes before authentication");
            return FrameAction.Stop;
        }

        return FrameAction.Collect;
    }

    private void OnControlFrame(FrameType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.Ping:
                Mux.SendControl(FrameType.Pong, payload);
                break;
            case FrameType.Pong when TakesCrossing && payload.SequenceEqual(GoAwayMarker):
                EndCrossing();
                break;
            case FrameType.Pong:
                Liveness.OnPong(BinaryPrimitives.ReadInt64BigEndian(payload), Now);
                break;
            case FrameType.GoAway:
                OnGoAway(payload);
                break;
            case FrameType.Reject:
                OnReject(payload);
                break;
            case FrameType.Config or FrameType.ConfigAck or FrameType.Status:
                _events.OnControl(type, payload);
                break;
            default:
                Violation($"{type} after authentication");
                break;
        }
    }

    private void OnGoAway(ReadOnlySpan<byte> payload)
    {
        if (!ControlCodec.TryDecode<GoAway>(payload, out var goAway, out var error))
        {
            Violation($"GOAWAY: {error}");
            return;
        }

        IsDraining = true;
        _events.OnGoAway(goAway!.Reason);
    }

    private void OnReject(ReadOnlySpan<byte> payload)
    {
        if (!ControlCodec.TryDecode<Reject>(payload, out var reject, out var error))
        {
            Violation($"REJECT: {error}");
            return;
        }

        RetryAfter = TimeSpan.FromSeconds(Math.Clamp(reject!.RetryAfterSeconds, 0, 3600));
        Close(TunnelEndReasons.FromRejectCode(reject.Code), reject.Message);
    }

    private FrameAction Violation(string detail)
    {
        Close(TunnelEndReason.ProtocolError, detail);
        return FrameAction.Stop;
    }
}
