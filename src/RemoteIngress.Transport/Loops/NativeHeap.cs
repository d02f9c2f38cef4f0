using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Loops;

/// <summary>
/// Gives memory back that OpenSSL freed with the tunnels that ended. glibc keeps it per thread, broken into pieces, and over hours of
/// tunnels that come and go a process would grow by tens of megabytes without a leak. Off the loops, and only after tunnels ended: it
/// takes milliseconds during which the allocator waits.
/// </summary>
internal sealed class NativeHeap : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly EventLoop[] _loops;
    private readonly ITimer _timer;
    private long _closed;

    internal NativeHeap(EventLoop[] loops, TimeProvider time)
    {
        _loops = loops;
        _timer = time.CreateTimer(static heap => ((NativeHeap)heap!).Trim(), this, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Trim()
    {
        var closed = _loops.Sum(loop => loop.Usage.ClosedTunnels);
        if (Interlocked.Exchange(ref _closed, closed) == closed)
        {
            return;
        }

        try
        {
            _ = Libc.TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc: musl keeps nothing back per thread.
            _timer.Dispose();
        }
    }
}
