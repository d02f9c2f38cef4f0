using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Testing.Transport;

/// <summary>
/// A near end that sends a pattern of a given length and checks the pattern it receives. It consumes at once, or when told to.
/// </summary>
internal sealed class ScriptedPeer(int sendSeed, int receiveSeed) : IStreamPeer
{
    private long _toSend;
    private bool _endAfter;

    internal MuxStream Stream { get; set; } = null!;

    internal bool ConsumesAtOnce { get; set; } = true;

    /// <summary>Most bytes one pull gives, as a socket with little in it does.</summary>
    internal int LargestPull { get; set; } = int.MaxValue;

    internal long Sent { get; private set; }

    internal long Received { get; private set; }

    internal int Unread { get; private set; }

    internal int OpenedCalls { get; private set; }

    internal int EndCalls { get; private set; }

    internal StreamEndReason? ResetReason { get; private set; }

    internal long Corrupt { get; private set; } = -1;

    internal Action? DuringPull { get; set; }

    internal Action? DuringDeliver { get; set; }

    internal Action? DuringReset { get; set; }

    internal bool WantsToSend => _toSend > 0 || _endAfter;

    internal void Send(long count, bool end = false)
    {
        _toSend += count;
        _endAfter |= end;
        Stream.Readable();
    }

    internal void Consume(int count)
    {
        count = Math.Min(count, Unread);
        Unread -= count;
        if (count > 0)
        {
            Stream.Consumed(count);
        }
    }

    public int Deliver(ReadOnlySpan<byte> payload)
    {
        var wrong = Pattern.Mismatch(receiveSeed, Received, payload);
        if (wrong >= 0 && Corrupt < 0)
        {
            Corrupt = Received + wrong;
        }

        Received += payload.Length;
        DuringDeliver?.Invoke();
        if (ConsumesAtOnce)
        {
            return payload.Length;
        }

        Unread += payload.Length;
        return 0;
    }

    public PullResult Pull(Span<byte> buffer)
    {
        var count = (int)Math.Min(Math.Min(_toSend, buffer.Length), LargestPull);
        Pattern.Fill(sendSeed, Sent, buffer[..count]);
        Sent += count;
        _toSend -= count;
        DuringPull?.Invoke();
        if (Stream.IsEnded)
        {
            return new PullResult(0, PullState.Gone);
        }

        var ends = _toSend == 0 && _endAfter;
        _endAfter &= !ends;
        return new PullResult(count, ends ? PullState.End : _toSend > 0 ? PullState.More : PullState.Empty);
    }

    public void OnOpened() => OpenedCalls++;

    public void OnEnd() => EndCalls++;

    public void OnReset(StreamEndReason reason)
    {
        ResetReason = reason;
        DuringReset?.Invoke();
    }
}
