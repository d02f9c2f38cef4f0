using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>
/// A client or a target with a socket's habits: takes some bytes at once and the rest later, stalls, half-closes, resets also while it is
/// being called, and goes on calling its stream after the end. Holds the multiplexer to the contract of <see cref="IStreamPeer"/>.
/// </summary>
internal sealed class SimPeer(SimConnection connection, bool isClient, SimContext context) : IStreamPeer
{
    private readonly int _sendSeed = (connection.Number * 2) + (isClient ? 0 : 1);
    private readonly int _receiveSeed = (connection.Number * 2) + (isClient ? 1 : 0);
    private readonly int _appetite = context.Random.Next(3) switch { 0 => 0, 1 => context.Random.Next(1, 100_000), _ => int.MaxValue };
    private long _toSend;
    private bool _endAfter;
    private bool _stalled;
    private long _nextDrain;
    private long _lastTaken = context.Now;

    internal MuxStream Stream { get; set; } = null!;

    internal long Sent { get; private set; }

    internal long Received { get; private set; }

    internal int Unread { get; private set; }

    internal bool IsOpened { get; private set; }

    internal bool EndSent { get; private set; }

    internal bool EndReceived { get; private set; }

    /// <summary>Why the stream was reset; null while it was not.</summary>
    internal StreamEndReason? Reason { get; private set; }

    /// <summary>It was this side that reset it.</summary>
    internal bool IsOwnReset { get; private set; }

    internal bool IsOver => Reason is not null || (EndSent && EndReceived);

    /// <summary>Over, and nothing waits for it any more.</summary>
    internal bool IsDone => IsOver && Unread == 0;

    internal bool WantsToSend => _toSend > 0 || (_endAfter && !EndSent);

    /// <summary>The next call of the multiplexer meets a socket that has failed.</summary>
    internal bool FailsNext { get; set; }

    internal long NextDrain => Unread > 0 && !_stalled ? _nextDrain : long.MaxValue;

    internal void Send(long count, bool end)
    {
        if (!_endAfter && !IsOver && MaySend)
        {
            _toSend += count;
            _endAfter = end;
            Stream.Readable();
        }
    }

    internal void SetStalled(bool stalled, long now)
    {
        _stalled = stalled;
        _nextDrain = now;
    }

    /// <summary>Target: it accepted.</summary>
    internal void Open()
    {
        if (!IsOpened && !IsOver)
        {
            IsOpened = true;
            Stream.Opened();
        }
    }

    internal void Reset(StreamEndReason reason)
    {
        if (!IsOver)
        {
            IsOwnReset = true;
            Reason = reason;
            Unread = 0;
            Stream.Reset(reason);
            Require(Stream.IsEnded, $"{this} reset its stream, which lives on");
        }
    }

    /// <summary>It has taken nothing for <paramref name="time"/>.</summary>
    internal bool IsStill(TimeSpan time) => Unread > 0 && context.Now - _lastTaken >= (long)time.TotalMicroseconds;

    /// <summary>Its process is dead.</summary>
    internal void Die()
    {
        Unread = 0;
        Stream.Reset(StreamEndReason.Shutdown);
    }

    /// <summary>Calls that come too late, as those of a socket with events still queued do.</summary>
    internal void CallAfterEnd()
    {
        Stream.Readable();
        Stream.Consumed(context.Random.Next(1, 1_000_000));
        Stream.Opened();
        Stream.Reset(StreamEndReason.InternalError);
    }

    internal bool Drain(long now)
    {
        if (Unread == 0 || _stalled || now < _nextDrain)
        {
            return false;
        }

        var count = context.Random.Next(2) == 0 ? Unread : context.Random.Next(1, Unread + 1);
        _nextDrain = now + context.Random.Next(1, 20_000);
        Unread -= count;
        _lastTaken = now;
        Stream.Consumed(count);
        return true;
    }

    public int Deliver(ReadOnlySpan<byte> payload)
    {
        Require(payload.Length > 0, $"{this} was given nothing");
        Require(!EndReceived, $"{this} was given bytes after the end");
        Require(Reason is null, $"{this} was given bytes after the reset");
        Require(!isClient || IsOpened, $"{this} was given bytes before OPENED");
        Require(SimPattern.Matches(_receiveSeed, Received, payload), $"{this} was given wrong bytes at {Received}");
        if (Fails())
        {
            return 0;
        }

        Received += payload.Length;
        var consumed = _stalled || Unread > 0 ? 0 : Math.Min(_appetite, payload.Length);
        _lastTaken = consumed > 0 || Unread == 0 ? context.Now : _lastTaken;
        Unread += payload.Length - consumed;
        return consumed;
    }

    public PullResult Pull(Span<byte> buffer)
    {
        Require(!IsOver && !EndSent, $"{this} was asked for bytes after its end");
        Require(buffer.Length > 0 && buffer.Length <= Stream.SendCredit && Stream.MaySend, $"{this} was asked for {buffer.Length} bytes with credit {Stream.SendCredit}");
        if (Fails())
        {
            return new PullResult(0, PullState.Gone);
        }

        var count = (int)Math.Min(_toSend, context.Random.Next(3) == 0 ? context.Random.Next(1, buffer.Length + 1) : buffer.Length);
        SimPattern.Fill(_sendSeed, Sent, buffer[..count]);
        Sent += count;
        _toSend -= count;
        if (_toSend > 0)
        {
            return new PullResult(count, PullState.More);
        }

        EndSent = _endAfter;
        return new PullResult(count, EndSent ? PullState.End : PullState.Empty);
    }

    public void OnOpened()
    {
        Require(isClient && !IsOpened && Reason is null, $"{this} was told OPENED again or too late");
        IsOpened = true;
    }

    public void OnEnd()
    {
        Require(!EndReceived && Reason is null, $"{this} was told the end again or too late");
        RequireLiveTunnel();
        EndReceived = true;
    }

    public void OnReset(StreamEndReason reason)
    {
        Require(!IsOver || (reason == StreamEndReason.Stalled && Unread > 0 && Reason is null), $"{this} was reset ({reason}) after it was over ({Reason})");
        Require(Stream.IsEnded, $"{this} was told a reset of a stream that lives");
        if (IsOver)
        {
            Require(IsStill(connection.Tunnel.Slot.HubProcess.Options.Buffers.StalledAfter), $"{this} lost its last bytes while it took them");
            context.HasGivenUp = true;
            Unread = 0;
            return;
        }

        RequireLiveTunnel();
        Require(connection.Explains(this, reason), $"{this} was reset for {reason}, which nobody said");
        Reason = reason;
        Unread = 0;
        connection.OnReset();
    }

    public override string ToString() => $"{(isClient ? "client" : "target")} {connection.Number}";

    private bool MaySend => isClient || IsOpened;

    // Streams are told first, their tunnel's owner last.
    private void RequireLiveTunnel() =>
        Require(connection.EndOf(this).Reason == TunnelEndReason.None, $"{this} was told its end after the end of its tunnel");

    private bool Fails()
    {
        if (!FailsNext)
        {
            return false;
        }

        Reset(StreamEndReason.PeerReset);
        return true;
    }
}
