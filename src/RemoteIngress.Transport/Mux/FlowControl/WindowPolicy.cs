using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// How large receive windows may be, for all streams of one tunnel together (DESIGN section 2). Windows start small and grow with use.
/// Their sum may pass what the tunnel can hold: most of it is never used, and <see cref="SendBudget"/> bounds what is.
/// </summary>
internal sealed class WindowPolicy
{
    /// <summary>Window in bytes that each direction of a stream starts with. Both ends know it without a word: it is part of the protocol.</summary>
    internal const int InitialWindow = FrameLimits.InitialWindow;

    /// <summary>Largest window, in bytes, while at most <see cref="FewStreams"/> are active.</summary>
    internal const int LargestWindow = FrameLimits.MaxWindow;

    /// <summary>Largest window, in bytes, from <see cref="ManyStreams"/> on, and of every sustained stream.</summary>
    internal const int ReducedWindow = 1024 * 1024;

    private const int FewStreams = 50;
    private const int ManyStreams = 200;

    internal int Streams { get; private set; }

    /// <summary>The largest window a stream may have now.</summary>
    internal int Cap => Streams switch
    {
        <= FewStreams => LargestWindow,
        >= ManyStreams => ReducedWindow,
        _ => LargestWindow - (int)((long)(LargestWindow - ReducedWindow) * (Streams - FewStreams) / (ManyStreams - FewStreams)),
    };

    internal void Add() => Streams++;

    internal void Remove() => Streams--;

    /// <summary>
    /// What a window of <paramref name="size"/> bytes should become: cut to what is allowed now (more streams came, or this one became
    /// sustained); doubled when it held its stream back, as far as the cap allows.
    /// </summary>
    internal int Target(int size, bool sustained, bool isTheLimit)
    {
        var cap = sustained ? Math.Min(ReducedWindow, Cap) : Cap;
        return isTheLimit ? Math.Min(size * 2, cap) : Math.Min(size, cap);
    }
}
