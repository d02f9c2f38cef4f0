using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux;

internal sealed partial class Multiplexer
{
    // Below this a read is not worth its system call: the batch is as good as full.
    private const int SmallestRead = 4096;

    /// <summary>
    /// Writes the next batch: control frames, then datagrams up to half of it, then stream data by the scheduler's order, pulled from the
    /// peers straight into place. So datagrams never wait behind a stream, and no flood of them keeps streams from half of what leaves.
    /// Returns the bytes written.
    /// </summary>
    internal int Fill(Span<byte> batch)
    {
        var length = _control.Take(batch);
        length += _control.Length == 0 ? _datagrams.Fill(batch[length..Math.Max(length, batch.Length / 2)]) : 0;
        while (_control.Length == 0 && batch.Length - length >= SmallestRead && NextStream() is { } stream)
        {
            length += Pull(stream, batch[length..]);

            // A peer that failed during the pull queued a RESET: it leaves with this batch.
            length += _control.Take(batch[length..]);
        }

        return _control.Length == 0 ? length + _datagrams.Fill(batch[length..]) : length;
    }

    private MuxStream? NextStream()
    {
        // One for each turn that is taken: a thousand that may go on at once do not push the others back.
        if (Sending.Wake() is { } woken)
        {
            _scheduler.Add(woken);
        }

        return _scheduler.Next(host.Now);
    }

    private int Pull(MuxStream stream, Span<byte> room)
    {
        // A frame and the CLOSE that may follow it.
        var allowance = Math.Min(Math.Min(stream.Deficit, Sending.Allowance(stream)), room.Length - (2 * FrameHeader.Size));
        if (allowance <= 0)
        {
            _scheduler.Sent(stream, 0, hasMore: false);
            Schedule(stream);
            return 0;
        }

        var result = stream.Peer.Pull(room.Slice(FrameHeader.Size, Math.Min(allowance, FrameLimits.MaxData)));
        var written = 0;
        if (result.Count > 0 && result.State != PullState.Gone)
        {
            new FrameHeader(stream.Id, _sendData, (uint)result.Count).Write(room);
            written = FrameHeader.Size + result.Count;
            Sending.Spend(stream, result.Count);
            stream.SendMeter.Add(result.Count, host.Now);
        }

        stream.HasData = result.State == PullState.More;
        var goesOn = stream.HasData && MaySend(stream);
        _scheduler.Sent(stream, result.Count, goesOn);
        if (!goesOn)
        {
            Schedule(stream);
        }

        return result.State == PullState.End ? written + EndNear(stream, room[written..]) : written;
    }

    private int EndNear(MuxStream stream, Span<byte> room)
    {
        new FrameHeader(stream.Id, _sendClose, 0).Write(room);
        if (stream.EndNear())
        {
            Remove(stream);
        }

        return FrameHeader.Size;
    }
}
