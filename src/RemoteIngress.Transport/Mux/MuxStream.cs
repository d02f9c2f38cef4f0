using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Mux;

/// <summary>One multiplexed connection. Holds state and credit, never bytes: those stay in the peer or on the wire.</summary>
internal sealed class MuxStream
{
    private readonly Multiplexer _mux;
    private Half _ended;

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

    /// <summary>Bytes the far end still takes.</summary>
    internal int SendCredit { get; private set; } = WindowPolicy.InitialWindow;

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

    internal void Spend(int count) => SendCredit -= count;

    /// <summary>Adds credit; false when the sum would pass what any window can be (a protocol error).</summary>
    internal bool TryAddCredit(uint credit)
    {
        if (credit > int.MaxValue - (uint)SendCredit)
        {
            return false;
        }

        SendCredit += (int)credit;
        return true;
    }
}
