using System.Buffers;

namespace RemoteIngress.Transport.Relay;

/// <summary>
/// Bytes a socket has not taken yet. Rents memory only while it holds some; how much it can hold is bounded by the stream's window, which
/// the far end cannot pass.
/// </summary>
internal struct OutBuffer
{
    private const int SmallestRent = 4096;

    private byte[]? _bytes;
    private int _start;
    private int _end;

    internal readonly int Length => _end - _start;

    internal readonly bool IsEmpty => _end == _start;

    internal readonly ReadOnlySpan<byte> Content => _bytes.AsSpan(_start, Length);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || _end + bytes.Length > _bytes.Length)
        {
            MakeRoom(bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    internal void Remove(int count)
    {
        _start += count;
        if (_start == _end)
        {
            Free();
        }
    }

    internal void Free()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }

        _start = _end = 0;
    }

    private void MakeRoom(int count)
    {
        var length = Length;
        var target = _bytes is not null && length + count <= _bytes.Length / 2
            ? _bytes
            : ArrayPool<byte>.Shared.Rent(Math.Max(SmallestRent, (length * 2) + count));
        Content.CopyTo(target);
        if (_bytes is not null && target != _bytes)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, _start, _end) = (target, 0, length);
    }
}
