using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Transport.Loops;

/// <summary>The loops of one edge or hub.</summary>
internal sealed class LoopGroup : IAsyncDisposable
{
    private readonly EventLoop[] _loops;
    private readonly NativeHeap _heap;
    private readonly Func<int, DatagramCounts?, EventLoop> _create;
    private readonly CancellationTokenSource _unsupervised = new();
    private Task _supervision = Task.CompletedTask;

    /// <param name="name">Prefix of the threads' names.</param>
    /// <param name="count">Number of loops; 0 means one per core.</param>
    /// <param name="time">Source of the loops' clock.</param>
    /// <param name="buffers">What they may hold together; null for the defaults.</param>
    /// <param name="datagramLoops">Further loops, for UDP alone; 0 means that UDP is everybody's.</param>
    /// <exception cref="LoopRefusedException">The system has no descriptors for so many loops; none is left.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux: the loops are epoll.</exception>
    internal LoopGroup(string name, int count, TimeProvider time, BufferLimits? buffers = null, int datagramLoops = 0)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("RemoteIngress needs Linux (x64 or arm64): its event loops use epoll");
        }

        buffers ??= BufferLimits.Default;
        var streamLoops = count == 0 ? Environment.ProcessorCount : count;
        _loops = new EventLoop[streamLoops + datagramLoops];
        _create = (index, counts) => new EventLoop(index, name, time, new LoopHoldings(buffers, _loops.Length), counts)
        {
            Duty = datagramLoops == 0 ? LoopDuty.All : index < streamLoops ? LoopDuty.Streams : LoopDuty.Datagrams,
        };
        for (var i = 0; i < _loops.Length; i++)
        {
            try
            {
                _loops[i] = _create(i, null);
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

    /// <summary>The loops now; another one stands in the place of one that died.</summary>
    internal IReadOnlyList<EventLoop> Loops => _loops;

    internal void Start()
    {
        foreach (var loop in _loops)
        {
            loop.Start();
        }
    }

    /// <summary>From now on a loop that dies is replaced, or given up by <paramref name="supervisor"/>.</summary>
    internal void Supervise(Supervisor supervisor, ILoopOwner owner) => _supervision = Task.WhenAll(Enumerable.Range(0, _loops.Length).Select(
        index => supervisor.RunAsync(
            $"event loop {index}",
            () => WatchAsync(index, owner),
            () => ReplaceAsync(index, owner),
            _unsupervised.Token)));

    /// <summary>When this has completed, no loop is replaced any more: the set of them is the final one.</summary>
    internal Task EndSupervisionAsync()
    {
        // On this very stack: whoever stops goes on at once, and nobody is let in while a thread is waited for.
        _unsupervised.Cancel();
        return _supervision;
    }

    private async Task WatchAsync(int index, ILoopOwner owner)
    {
        try
        {
            await _loops[index].Ended.WaitAsync(_unsupervised.Token);
        }
        catch (Exception) when (_loops[index].Ended.IsFaulted)
        {
            owner.OnLoopDied(index);
            throw;
        }
    }

    private async Task ReplaceAsync(int index, ILoopOwner owner)
    {
        await EndAsync(_loops[index]);
        _loops[index] = _create(index, _loops[index].Datagrams.Counts);
        _loops[index].Start();
        owner.Revive(_loops[index]);
    }

    private static async Task EndAsync(EventLoop loop)
    {
        await loop.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        loop.Dispose();
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
        await EndSupervisionAsync();
        _heap.Dispose();
        foreach (var loop in _loops)
        {
            await EndAsync(loop);
        }

        _unsupervised.Dispose();
    }
}
