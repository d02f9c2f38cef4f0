namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// How large receive windows may be, for all streams of one tunnel together (DESIGN section 2). Windows start small and grow with use; the
/// sum of what growth granted stays within the budget, so that many fast streams cannot pin memory without bound.
/// </summary>
internal sealed class WindowPolicy
{
    /// <summary>Bytes of credit each direction of a stream starts with. Both ends know it without a word: it is part of the protocol.</summary>
    internal const int InitialWindow = 256 * 1024;

    /// <summary>Largest window, in bytes, while at most <see cref="FewStreams"/> are active.</summary>
    internal const int LargestWindow = 4 * 1024 * 1024;

    /// <summary>Largest window, in bytes, from <see cref="ManyStreams"/> on, and of every sustained stream.</summary>
    internal const int ReducedWindow = 1024 * 1024;

    /// <summary>Bytes that all windows of a tunnel may sum up to by growth.</summary>
    internal const long Budget = 200L * 1024 * 1024;

    private const int FewStreams = 50;
    private const int ManyStreams = 200;

    /// <summary>Sum of the windows of all live streams, in bytes.</summary>
    internal long Granted { get; private set; }

    internal int Streams { get; private set; }

    /// <summary>The largest window a stream may have now.</summary>
    internal int Cap => Streams switch
    {
        <= FewStreams => LargestWindow,
        >= ManyStreams => ReducedWindow,
        _ => LargestWindow - (int)((long)(LargestWindow - ReducedWindow) * (Streams - FewStreams) / (ManyStreams - FewStreams)),
    };

    internal void Add()
    {
        Streams++;
        Granted += InitialWindow;
    }

    internal void Remove(int window)
    {
        Streams--;
        Granted -= window;
    }

    internal void Resize(int from, int to) => Granted += to - from;

    /// <summary>
    /// What a window of <paramref name="size"/> bytes should become: cut to what is allowed now (more streams came, or this one became
    /// sustained); doubled when it held its stream back, as far as the cap and the budget allow.
    /// </summary>
    internal int Target(int size, bool sustained, bool isTheLimit)
    {
        var cap = sustained ? Math.Min(ReducedWindow, Cap) : Cap;
        if (!isTheLimit || size >= cap)
        {
            return Math.Min(size, cap);
        }

        return (int)Math.Min(Math.Min(size * 2L, cap), size + Math.Max(0, Budget - Granted));
    }
}
