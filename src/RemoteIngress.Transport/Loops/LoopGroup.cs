using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Loops;

/// <summary>The loops of one edge or hub.</summary>
internal sealed class LoopGroup : IAsyncDisposable
{
    private readonly EventLoop[] _loops;
    private readonly NativeHeap _heap;

    /// <param name="name">Prefix of the threads' names.</param>
    /// <param name="count">Number of loops; 0 means one per core.</param>
    /// <param name="time">Source of the loops' clock.</param>
    /// <param name="buffers">What they may hold together; null for the defaults.</param>
    /// <exception cref="LoopRefusedException">The system has no descriptors for so many loops; none is left.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux: the loops are epoll.</exception>
    internal LoopGroup(string name, int count, TimeProvider time, BufferLimits? buffers = null)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("RemoteIngress needs Linux (x64 or arm64): its event loops use epoll");
        }

        buffers ??= BufferLimits.Default;
        _loops = new EventLoop[count == 0 ? Environment.ProcessorCount : count];
        for (var i = 0; i < _loops.Length; i++)
        {
            try
            {
                _loops[i] = new EventLoop(i, name, time, new LoopHoldings(buffers, _loops.Length));
            }
            catch
            {
                // Those before it hold descriptors, which is what there are too few of.
                DisposeFirst(i);
                throw;
            }
        }

        _heap = new NativeHeap(_loops, time);
    }

    internal IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>Faults as soon as one loop died, completes when all ended.</summary>
    internal async Task WatchAsync()
    {
        var running = _loops.Select(loop => loop.Ended).ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            await ended;
        }
    }

    internal void Start()
    {
        foreach (var loop in _loops)
        {
            loop.Start();
        }
    }

    private void DisposeFirst(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _loops[i].Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _heap.Dispose();
        foreach (var loop in _loops)
        {
            try
            {
                await loop.StopAsync();
            }
            catch (Exception) when (loop.Ended.IsFaulted)
            {
                // already told by WatchAsync; what is left is to free the rest
            }

            loop.Dispose();
        }
    }
}
