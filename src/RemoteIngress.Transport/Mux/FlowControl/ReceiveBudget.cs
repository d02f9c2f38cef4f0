namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// Decides when consumption is reported. Large portions cost least; but the far end counts what is not reported against the tunnel's
/// budget, so that many streams with a little unreported each, or one under a small share, would stop it for ever. Hence all is
/// reported whenever an eighth of the budget is unreported, and small portions at once while a quarter of it is outstanding: well
/// before the half from which the far end shapes.
/// </summary>
internal sealed class ReceiveBudget(long total)
{
    // A quarter of the smallest share that a sender gives a stream.
    private const int SmallPortion = SendBudget.SmallestShare / 4;
    private readonly LinkedList<MuxStream> _owing = new();
    private long _outstanding;
    private long _unreported;

    /// <summary>Small portions are due, and no window should grow.</summary>
    internal bool IsTight { get; private set; }

    /// <summary>What the far end must take for outstanding once nothing is under way, in bytes.</summary>
    internal long Outstanding => _outstanding;

    /// <summary>Streams with something unreported have to report it now, until <see cref="Next"/> is null.</summary>
    internal bool IsDue { get; private set; }

    internal MuxStream? Next
    {
        get
        {
            IsDue &= _owing.Count > 0;
            return IsDue ? _owing.First!.Value : null;
        }
    }

    internal void Received(long count)
    {
        _outstanding += count;
        if (!IsTight && _outstanding >= total / 4)
        {
            IsTight = true;
            IsDue = true;
        }
    }

    /// <summary>Counts consumption; true when <paramref name="stream"/> should report its own now.</summary>
    internal bool Consumed(MuxStream stream, int count)
    {
        var window = stream.ReceiveWindow;
        if (window.Unreported == 0)
        {
            _owing.AddLast(stream.OwingNode);
        }

        window.Consume(count);
        _unreported += count;
        IsDue |= _unreported >= total / 8;
        return window.Unreported >= (IsTight ? Math.Min(SmallPortion, window.Size / 4) : window.Size / 4);
    }

    /// <summary>The stream reported, or ended (<paramref name="outstanding"/>: all that the far end held against it).</summary>
    internal void Settle(MuxStream stream, int unreported, long outstanding)
    {
        if (unreported > 0)
        {
            _owing.Remove(stream.OwingNode);
        }

        _unreported -= unreported;
        _outstanding -= outstanding;
        IsTight = IsTight && _outstanding >= total / 8;
    }
}
