using System.Numerics;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Transport.Relay;

/// <summary>
/// Bytes a socket has not taken yet, in a chain of pooled chunks: what waits is never copied again to make room, and what is rented
/// follows what waits. Holds nothing while empty; how much it can hold is bounded by the stream's window, which the far end cannot pass.
/// </summary>
internal struct OutBuffer
{
    // What waits is mostly a header or the tail of one record: chunks grow with it, so that a thousand sockets which keep a little do not
    // rent many times of what they keep.
    private const int SmallestChunk = 4096;
    private const int LargestChunk = 64 * 1024;

    private Segment? _head;
    private Segment? _tail;

    internal int Length { get; private set; }

    internal readonly bool IsEmpty => Length == 0;

    /// <summary>Bytes of memory held.</summary>
    internal int Rented { get; private set; }

    /// <summary>The oldest bytes that lie together; all of them only when they fit one chunk.</summary>
    internal readonly ReadOnlySpan<byte> First => _head is null ? [] : _head.Content;

    internal void Append(ReadOnlySpan<byte> bytes, LoopUsage usage)
    {
        usage.AddBuffered(bytes.Length);
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_tail is null || _tail.IsFull)
            {
                AddSegment(bytes.Length, usage);
            }

            bytes = bytes[_tail!.Append(bytes)..];
        }
    }

    /// <summary>Forgets the oldest <paramref name="count"/> bytes, of <see cref="First"/> at most.</summary>
    internal void Remove(int count, LoopUsage usage)
    {
        if (count == 0)
        {
            return;
        }

        usage.AddBuffered(-count);
        Length -= count;
        _head!.Remove(count);
        if (_head.IsEmpty)
        {
            FreeHead(usage);
        }
    }

    internal void Free(LoopUsage usage)
    {
        while (_head is not null)
        {
            FreeHead(usage);
        }

        usage.AddBuffered(-Length);
        Length = 0;
    }

    private void AddSegment(int wanted, LoopUsage usage)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(wanted, Length / 2));
        var segment = Segment.Take(Math.Clamp(size, SmallestChunk, LargestChunk), usage);
        if (_tail is null)
        {
            _head = segment;
        }
        else
        {
            _tail.Next = segment;
        }

        _tail = segment;
        Rented += segment.Size;
    }

    private void FreeHead(LoopUsage usage)
    {
        var next = _head!.Next;
        Rented -= _head.Size;
        _head.Free(usage);
        _head = next;
        _tail = next is null ? null : _tail;
    }

    private sealed class Segment
    {
        // Enough for the sockets that are slow at one moment; the objects alone, without their bytes.
        private const int MaxSpare = 256;

        [ThreadStatic]
        private static Segment? _spare;

        [ThreadStatic]
        private static int _spareCount;

        private byte[] _bytes = [];
        private int _start;
        private int _end;

        internal Segment? Next { get; set; }

        internal int Size => _bytes.Length;

        internal bool IsEmpty => _start == _end;

        internal bool IsFull => _end == _bytes.Length;

        internal ReadOnlySpan<byte> Content => _bytes.AsSpan(_start, _end - _start);

        internal static Segment Take(int size, LoopUsage usage)
        {
            var segment = _spare;
            if (segment is null)
            {
                segment = new Segment();
            }
            else
            {
                _spare = segment.Next;
                _spareCount--;
                segment.Next = null;
            }

            segment._bytes = usage.Rent(size);
            return segment;
        }

        internal int Append(ReadOnlySpan<byte> bytes)
        {
            var count = Math.Min(bytes.Length, _bytes.Length - _end);
            bytes[..count].CopyTo(_bytes.AsSpan(_end));
            _end += count;
            return count;
        }

        internal void Remove(int count) => _start += count;

        internal void Free(LoopUsage usage)
        {
            usage.Return(_bytes);
            (_bytes, _start, _end, Next) = ([], 0, 0, null);
            if (_spareCount < MaxSpare)
            {
                Next = _spare;
                _spare = this;
                _spareCount++;
            }
        }
    }
}
