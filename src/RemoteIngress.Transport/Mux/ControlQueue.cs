using System.Buffers;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux;

/// <summary>
/// Encoded control frames in order, ahead of all data. Bounded: a peer that makes us answer but does not read is cut off instead of
/// growing us.
/// </summary>
internal sealed class ControlQueue : IDisposable
{
    /// <summary>Bytes queued at most: room for one CONFIG of full size and 300,000 window updates.</summary>
    internal const int Capacity = 8 * 1024 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    internal int Length => _end - _start;

    /// <summary>Appends one frame; false when the bound would be passed.</summary>
    internal bool TryAppend(uint streamId, FrameType type, ReadOnlySpan<byte> payload)
    {
        var length = FrameHeader.Size + payload.Length;
        if (Length + length > Capacity)
        {
            return false;
        }

        MakeRoom(length);
        new FrameHeader(streamId, type, (uint)payload.Length).Write(_buffer.AsSpan(_end));
        payload.CopyTo(_buffer.AsSpan(_end + FrameHeader.Size));
        _end += length;
        return true;
    }

    /// <summary>Moves as much as fits. A frame may be cut: the rest opens the next batch, before anything else.</summary>
    internal int Take(Span<byte> destination)
    {
        var length = Math.Min(Length, destination.Length);
        _buffer.AsSpan(_start, length).CopyTo(destination);
        _start += length;
        if (_start == _end)
        {
            Dispose();
        }

        return length;
    }

    /// <summary>Gives the buffer back: an idle tunnel holds none.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        _start = _end = 0;
    }

    private void MakeRoom(int length)
    {
        if (_end + length <= _buffer.Length)
        {
            return;
        }

        var larger = Length + length > _buffer.Length ? ArrayPool<byte>.Shared.Rent(Math.Clamp((Length + length) * 2, 512, Capacity)) : _buffer;
        _buffer.AsSpan(_start, Length).CopyTo(larger);
        if (larger != _buffer && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _end, _start) = (larger, Length, 0);
    }
}
