using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>
/// Datagrams of one tunnel that wait to be sent: a chain for each session, served in turns, so that one client's flood waits behind itself.
/// Bounded in bytes, for each session and for all: what is new matters more than what is old, so the oldest goes.
/// </summary>
/// <param name="counts">Where drops are counted.</param>
/// <param name="maxBytes">Of all sessions together, each datagram with <see cref="Overhead"/>.</param>
internal sealed class DatagramQueue(DatagramCounts counts, int maxBytes)
{
    /// <summary>What a datagram costs beside its bytes: with it, a bound in bytes is one in number, too.</summary>
    internal const int Overhead = 128;

    // One session may fill a quarter. Four clients that flood leave nothing to the fifth, but what each has there is a fraction of a second old.
    private const int Shares = 4;

    // Bytes that a session may send before the next one's turn.
    private const int Quantum = 16 * 1024;
    private const int MaxSpare = 256;

    private readonly Queue<MuxSession> _line = new();
    private Datagram? _spare;
    private int _spareCount;

    internal bool IsEmpty => Bytes == 0;

    /// <summary>Bytes that wait, overhead included.</summary>
    internal int Bytes { get; private set; }

    internal void Add(MuxSession session, ReadOnlySpan<byte> payload)
    {
        var cost = payload.Length + Overhead;
        while (session.First is not null && session.QueuedBytes + cost > maxBytes / Shares)
        {
            DropOldest(session);
        }

        while (Bytes > 0 && Bytes + cost > maxBytes)
        {
            DropOldest(session.First is not null ? session : NextInLine());
        }

        Append(session, payload);
        if (!session.IsInLine)
        {
            session.IsInLine = true;
            session.Deficit = Quantum;
            _line.Enqueue(session);
        }
    }

    /// <summary>Writes whole frames of <paramref name="type"/> while they fit into <paramref name="batch"/>; returns the bytes written.</summary>
    internal int Fill(Span<byte> batch, FrameType type)
    {
        var length = 0;
        while (Bytes > 0)
        {
            var session = NextInLine();
            var datagram = session.First!;
            var size = FrameHeader.Size + datagram.Length;
            if (size > batch.Length - length)
            {
                break;
            }

            new FrameHeader(session.Id, type, (uint)datagram.Length).Write(batch[length..]);
            datagram.Payload.CopyTo(batch[(length + FrameHeader.Size)..]);
            length += size;
            session.Deficit -= size;
            RemoveFirst(session);
            if (session.Deficit <= 0 || session.First is null)
            {
                EndTurn(session);
            }
        }

        return length;
    }

    /// <summary>The session is over; what it still has here is lost. It may stay in line, where it is passed over.</summary>
    internal void Remove(MuxSession session, DatagramDrop reason)
    {
        while (session.First is not null)
        {
            counts.OnDropped(reason);
            RemoveFirst(session);
        }
    }

    private void EndTurn(MuxSession session)
    {
        _line.Dequeue();
        session.Deficit = Quantum;
        session.IsInLine = session.First is not null;
        if (session.IsInLine)
        {
            _line.Enqueue(session);
        }
    }

    // Called while something waits: so there is one.
    private MuxSession NextInLine()
    {
        while (_line.Peek().First is null)
        {
            _line.Dequeue().IsInLine = false;
        }

        return _line.Peek();
    }

    private void DropOldest(MuxSession session)
    {
        counts.OnDropped(DatagramDrop.QueueFull);
        RemoveFirst(session);
    }

    private void Append(MuxSession session, ReadOnlySpan<byte> payload)
    {
        var datagram = TakeSpare();
        datagram.Set(payload);
        if (session.Last is null)
        {
            session.First = datagram;
        }
        else
        {
            session.Last.Next = datagram;
        }

        session.Last = datagram;
        Charge(session, payload.Length + Overhead);
    }

    private void RemoveFirst(MuxSession session)
    {
        var datagram = session.First!;
        session.First = datagram.Next;
        session.Last = session.First is null ? null : session.Last;
        Charge(session, -(datagram.Length + Overhead));
        datagram.Clear();
        if (_spareCount < MaxSpare)
        {
            datagram.Next = _spare;
            _spare = datagram;
            _spareCount++;
        }
    }

    private Datagram TakeSpare()
    {
        if (_spare is not { } datagram)
        {
            return new Datagram();
        }

        _spare = datagram.Next;
        _spareCount--;
        datagram.Next = null;
        return datagram;
    }

    private void Charge(MuxSession session, int bytes)
    {
        session.QueuedBytes += bytes;
        Bytes += bytes;
    }
}
