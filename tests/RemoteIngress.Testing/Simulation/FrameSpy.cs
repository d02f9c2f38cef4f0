using System.Buffers.Binary;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Testing.Simulation;

/// <summary>
/// Reads along at one point of a tunnel, with a parser of its own: counts data and credit by stream, and holds the sender to the rules of
/// the wire.
/// </summary>
internal sealed class FrameSpy(PeerRole sender, bool judges)
{
    private readonly Dictionary<uint, StreamTally> _streams = [];
    private readonly byte[] _head = new byte[FrameHeader.Size];
    private readonly byte[] _small = new byte[8];
    private int _headLength;
    private FrameHeader _header;
    private uint _left;

    internal bool IsAtBoundary => _headLength == 0 && _left == 0;

    internal FrameType LastType => _header.Type;

    /// <summary>Told of every header.</summary>
    internal Action<FrameHeader>? Seen { get; init; }

    internal StreamTally Of(uint id)
    {
        if (!_streams.TryGetValue(id, out var tally))
        {
            _streams[id] = tally = new StreamTally();
        }

        return tally;
    }

    internal void See(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = _left > 0 ? bytes[Body(bytes)..] : bytes[Head(bytes)..];
        }
    }

    private int Head(ReadOnlySpan<byte> bytes)
    {
        var used = Math.Min(FrameHeader.Size - _headLength, bytes.Length);
        bytes[..used].CopyTo(_head.AsSpan(_headLength));
        _headLength += used;
        if (_headLength == FrameHeader.Size)
        {
            _headLength = 0;
            _header = FrameHeader.Read(_head);
            _left = _header.Length;
            Seen?.Invoke(_header);
            OnHeader(Of(_header.StreamId));
        }

        return used;
    }

    private int Body(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(_left, (uint)bytes.Length);
        if (_header.Type is FrameType.Data or FrameType.DataBack)
        {
            Of(_header.StreamId).Passed += length;
        }
        else if (_header.Length <= _small.Length)
        {
            bytes[..length].CopyTo(_small.AsSpan((int)(_header.Length - _left)));
        }

        _left -= (uint)length;
        if (_left == 0 && _header.Type is FrameType.WindowUpdate or FrameType.WindowUpdateBack && _header.Length == _small.Length)
        {
            var tally = Of(_header.StreamId);
            tally.Consumed += BinaryPrimitives.ReadUInt32BigEndian(_small);
            tally.Window = BinaryPrimitives.ReadUInt32BigEndian(_small.AsSpan(sizeof(uint)));
            tally.Limit = Math.Max(tally.Limit, tally.Consumed + tally.Window);
        }

        return length;
    }

    private void OnHeader(StreamTally tally)
    {
        if (judges)
        {
            Judge(tally);
        }

        switch (_header.Type)
        {
            case FrameType.Data or FrameType.DataBack:
                tally.Announced += _header.Length;
                break;
            case FrameType.Opened:
                tally.IsOpened = true;
                break;
            case FrameType.Close or FrameType.CloseBack:
                tally.IsClosed = true;
                break;
            case FrameType.Reset:
                tally.IsReset = true;
                break;
        }
    }

    private void Judge(StreamTally tally)
    {
        var type = _header.Type;
        Require(FrameLimits.IsKnown(type) && FrameLimits.MayComeFrom(type, sender), "is not the sender's to send");
        Require(_header.Length <= FrameLimits.MaxLength(type) && _header.Length >= FrameLimits.MinLength(type), "has a wrong length");
        Require(FrameLimits.IsControl(type) == (_header.StreamId == 0), "is on the wrong stream");
        Require(!tally.IsReset, "follows the sender's RESET");
        if (type is FrameType.Data or FrameType.DataBack or FrameType.Close or FrameType.CloseBack)
        {
            Require(!tally.IsClosed, "follows the sender's CLOSE");
            Require(sender == PeerRole.Edge || tally.IsOpened, "precedes OPENED");
        }
    }

    private void Require(bool condition, string what) =>
        InvariantException.Require(condition, $"{_header.Type} of {_header.Length} bytes on stream {_header.StreamId} from the {sender} {what}");
}
