using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Mux;

/// <summary>One multiplexed connection. Holds state and accounts, never bytes: those stay in the peer or on the wire.</summary>
internal sealed class MuxStream
{
    private readonly Multiplexer _mux;
    private Half _ended;
    private LinkedListNode<MuxStream>? _owingNode;
    private LinkedListNode<MuxStream>? _holderNode;
    private long _takenSeen;
    private long _stillSince;

    internal MuxStream(Multiplexer mux, uint id, WindowPolicy policy)
    {
        _mux = mux;
        Id = id;
        ReceiveWindow = new ReceiveWindow(policy);
    }

    [Flags]
    private enum Half : byte
    {
        None = 0,
        Near = 1,
        Far = 2,
        Both = Near | Far,
    }

    internal uint Id { get; }

    /// <summary>The near end; set once, before anything can arrive for it.</summary>
    internal IStreamPeer Peer { get; set; } = null!;

    /// <summary>What the far end lets us have outstanding, in bytes.</summary>
    internal int SendWindow { get; set; } = WindowPolicy.InitialWindow;

    /// <summary>Bytes sent that the far end has not reported as consumed.</summary>
    internal int Outstanding { get; set; }

    /// <summary>Bytes the window still takes; negative after it shrank.</summary>
    internal int SendCredit => SendWindow - Outstanding;

    /// <summary>Window and budget let it send now.</summary>
    internal bool MaySend => _mux.MaySend(this);

    internal ReceiveWindow ReceiveWindow { get; }

    internal SustainedMeter SendMeter { get; } = new();

    /// <summary>Both directions ended, or the stream was reset, or its tunnel is gone.</summary>
    internal bool IsEnded { get; private set; }

    internal bool NearEnded => (_ended & Half.Near) != 0;

    internal bool FarEnded => (_ended & Half.Far) != 0;

    /// <summary>The hub answered OPENED.</summary>
    internal bool IsOpened { get; private set; }

    // the scheduler's notes
    internal bool IsQueued { get; set; }

    internal bool HasData { get; set; }

    internal int Deficit { get; set; }

    internal bool IsSustainedTier { get; set; }

    // the notes of ParkedStreams
    internal int ParkedAt { get; set; } = -1;

    internal long ParkTicket { get; set; }

    /// <summary>Bytes that the peer keeps, also after the end.</summary>
    internal int Held { get; set; }

    /// <summary>Bytes ever that the peer kept and then got rid of.</summary>
    internal long Taken { get; set; }

    internal LinkedListNode<MuxStream> OwingNode => _owingNode ??= new(this);

    internal LinkedListNode<MuxStream> HolderNode => _holderNode ??= new(this);

    internal bool IsTunnelUnderPressure => _mux.Holdings.IsUnderPressure;

    /// <summary>The peer has something for <see cref="IStreamPeer.Pull"/> to take.</summary>
    internal void Readable()
    {
        HasData = true;
        _mux.Schedule(this);
    }

    /// <summary>The peer got rid of <paramref name="count"/> bytes that <see cref="IStreamPeer.Deliver"/> had left with it.</summary>
    internal void Consumed(int count) => _mux.Consumed(this, count);

    /// <summary>Hub: tells the edge that the target accepted.</summary>
    internal void Opened()
    {
        if (!IsOpened)
        {
            IsOpened = true;
            _mux.SendOpened(this);
        }
    }

    /// <summary>Aborts both directions and tells the far end why. The peer is not called back.</summary>
    internal void Reset(StreamEndReason reason) => _mux.Reset(this, reason);

    /// <summary>Ends it for its own side too, dead or alive: the peer is told and throws away what it keeps.</summary>
    internal void GiveUp(StreamEndReason reason) => _mux.GiveUp(this, reason);

    /// <summary>From now on <see cref="StillFor"/> counts from its next call.</summary>
    internal void WatchAnew() => _takenSeen = -1;

    /// <summary>For how long the peer has taken nothing of what it keeps, in microseconds, as far as earlier calls saw.</summary>
    internal long StillFor(long now)
    {
        if (_takenSeen != Taken)
        {
            _takenSeen = Taken;
            _stillSince = now;
        }

        return now - _stillSince;
    }

    internal void MarkOpened() => IsOpened = true;

    internal void MarkEnded() => IsEnded = true;

    /// <summary>True when this was the second half to end.</summary>
    internal bool EndNear()
    {
        _ended |= Half.Near;
        return _ended == Half.Both;
    }

    /// <inheritdoc cref="EndNear"/>
    internal bool EndFar()
    {
        _ended |= Half.Far;
        return _ended == Half.Both;
    }
}
