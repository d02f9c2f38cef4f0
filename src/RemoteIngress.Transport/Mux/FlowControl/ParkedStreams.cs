namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// Streams that wait for a larger share, the one with the least outstanding first and in order of coming among equals: when the first
/// may not go on, none may, so that nobody is ever looked at in vain. A heap whose places the streams know, so that any can leave it.
/// </summary>
internal sealed class ParkedStreams
{
    private readonly List<MuxStream> _heap = [];
    private long _lastTicket;

    internal int Count => _heap.Count;

    internal MuxStream? First => _heap.Count == 0 ? null : _heap[0];

    internal void Add(MuxStream stream)
    {
        if (stream.ParkedAt >= 0)
        {
            return;
        }

        stream.ParkTicket = ++_lastTicket;
        _heap.Add(stream);
        Up(stream, _heap.Count - 1);
    }

    internal void Remove(MuxStream stream)
    {
        var place = stream.ParkedAt;
        if (place < 0)
        {
            return;
        }

        stream.ParkedAt = -1;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (last != stream)
        {
            Up(last, place);
            Down(last, last.ParkedAt);
        }
    }

    private void Up(MuxStream stream, int place)
    {
        while (place > 0 && IsBefore(stream, _heap[(place - 1) / 2]))
        {
            Put(_heap[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }

        Put(stream, place);
    }

    private void Down(MuxStream stream, int place)
    {
        for (var child = (2 * place) + 1; child < _heap.Count; child = (2 * place) + 1)
        {
            if (child + 1 < _heap.Count && IsBefore(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!IsBefore(_heap[child], stream))
            {
                break;
            }

            Put(_heap[child], place);
            place = child;
        }

        Put(stream, place);
    }

    private void Put(MuxStream stream, int place)
    {
        _heap[place] = stream;
        stream.ParkedAt = place;
    }

    private static bool IsBefore(MuxStream a, MuxStream b) =>
        a.Outstanding < b.Outstanding || (a.Outstanding == b.Outstanding && a.ParkTicket < b.ParkTicket);
}
