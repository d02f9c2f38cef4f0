using System.Collections.Concurrent;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Loops;

/// <summary>
/// One thread with epoll, an eventfd and a timer heap. It owns every socket registered with it: nothing here is locked because nothing
/// here is shared. The outside world speaks to it by <see cref="Post"/> alone.
/// <para>A turn: wait; note what became ready; run posted commands and due timers; then let each queued <see cref="ITurn"/> do one bounded
/// portion. While one has more to do, the next wait does not block.</para>
/// </summary>
internal sealed partial class EventLoop : IDisposable
{
    private const int EventCapacity = 512;
    private const ulong WakeUpTag = ulong.MaxValue;

    private readonly Thread _thread;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly TimerHeap _timers = new();
    private readonly LoopTimer _sweep;
    private readonly EpollEvents _events = new(EventCapacity);
    private readonly int _epoll;
    private readonly int _wakeUp;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<ITurn> _turns = new();
    private Queue<ITurn> _nextTurns = new();
    private readonly Lock _wakeUpLock = new();
    private int _signalled;
    private bool _stopping;
    private bool _isDisposed;

    internal EventLoop(int index, string name, TimeProvider time, LoopHoldings? holdings = null, DatagramCounts? datagrams = null)
    {
        Holdings = holdings ?? new LoopHoldings(BufferLimits.Default, loops: 1);
        _sweep = new LoopTimer(Sweep);
        Datagrams = new LoopDatagrams(this, datagrams);
        Holdings.WantsSweep = () => ArmIn(_sweep, LoopHoldings.SweepInterval);
        Index = index;
        _time = time;
        _epoll = Libc.EpollCreate(Linux.EpollCloseOnExec);
        _wakeUp = _epoll < 0 ? -1 : Libc.EventFd(0, Linux.EventFdFlags);
        if (_wakeUp < 0 || !TryWatch(_wakeUp, WakeUpTag, Linux.EpollIn | Linux.EpollEdge))
        {
            var error = Errno.Describe(Libc.Errno);
            Dispose();
            throw new LoopRefusedException(error);
        }

        Refresh();
        _thread = new Thread(Run) { IsBackground = true, Name = $"{name}-{index}" };
    }

    internal int Index { get; }

    /// <summary>What it is for; the loop itself does not care.</summary>
    internal LoopDuty Duty { get; init; }

    internal LoopBuffers Buffers { get; } = new();

    internal LoopUsage Usage { get; } = new();

    /// <summary>What the sockets of this loop keep of what tunnels delivered.</summary>
    internal LoopHoldings Holdings { get; }

    internal LoopDatagrams Datagrams { get; }

    /// <summary>Microseconds on a monotonic clock, read once per turn.</summary>
    internal long Now { get; private set; }

    /// <summary>
    /// Completes when the loop's thread has ended; faults when a callback threw (the supervisor's cue), after every descriptor that it
    /// watched was closed.
    /// </summary>
    internal Task Ended => _ended.Task;

    internal bool IsInLoop => Thread.CurrentThread == _thread;

    /// <summary>Timers armed now; any thread may read it.</summary>
    internal int ArmedTimers => _timers.Count;

    internal void Start() => _thread.Start();

    /// <summary>Runs <paramref name="command"/> on the loop's thread, in order of posting. Thread-safe; after the end it is dropped.</summary>
    internal void Post(Action command)
    {
        if (_ended.Task.IsCompleted)
        {
            return;
        }

        _commands.Enqueue(command);
        if (!IsInLoop && Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            WakeUp();
        }
    }

    /// <summary>Runs <paramref name="function"/> on the loop and hands its result back to ordinary async code.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    internal async Task<T> InvokeAsync<T>(Func<T> function)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Complete(completion, function));
        await Task.WhenAny(completion.Task, _ended.Task);
        ObjectDisposedException.ThrowIf(!completion.Task.IsCompleted, this);
        return await completion.Task;
    }

    // What a caller's function throws is the caller's, not the end of the loop.
    private static void Complete<T>(TaskCompletionSource<T> completion, Func<T> function)
    {
        try
        {
            completion.TrySetResult(function());
        }
        catch (Exception exception)
        {
            completion.TrySetException(exception);
        }
    }

    /// <summary>Queues <paramref name="turn"/> for the end of this turn.</summary>
    internal void Queue(ITurn turn)
    {
        if (!turn.IsQueued)
        {
            turn.IsQueued = true;
            _turns.Enqueue(turn);
        }
    }

    internal void Arm(LoopTimer timer, long deadline) => _timers.Set(timer, deadline);

    internal void ArmIn(LoopTimer timer, TimeSpan delay) => _timers.Set(timer, Now + (long)delay.TotalMicroseconds);

    internal void Cancel(LoopTimer timer) => _timers.Cancel(timer);

    /// <summary>Ends the loop after the commands posted before. Owners close their sockets first.</summary>
    internal Task StopAsync()
    {
        Post(() => _stopping = true);
        if (!_thread.IsAlive)
        {
            _ended.TrySetResult();
        }

        return _ended.Task;
    }

    public void Dispose()
    {
        lock (_wakeUpLock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            CloseIfOpen(_wakeUp);
        }

        CloseIfOpen(_epoll);
        _events.Dispose();
        Datagrams.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Wait();
                RunCommands();
                RunTimers();
                RunTurns();
            }

            _timers.Cancel(_sweep);
            _ended.TrySetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A loop that dies takes its connections with it: whoever supervises the loops is told, never nobody.
            CloseAll();
            _ended.TrySetException(exception);
        }
    }

    private unsafe void Wait()
    {
        var count = Libc.EpollWait(_epoll, _events.Pointer, EventCapacity, WaitMilliseconds());
        if (count < 0 && Libc.Errno != Errno.Interrupted)
        {
            throw new InvalidOperationException($"epoll_wait: {Errno.Describe(Libc.Errno)}");
        }

        Refresh();
        for (var i = 0; i < count; i++)
        {
            Dispatch(_events.Data(i), _events.Flags(i));
        }
    }

    private int WaitMilliseconds()
    {
        if (_turns.Count > 0 || !_commands.IsEmpty)
        {
            return 0;
        }

        if (_timers.Next == long.MaxValue)
        {
            return -1;
        }

        Refresh();
        var microseconds = _timers.Next - Now;
        return microseconds <= 0 ? 0 : (int)Math.Min(int.MaxValue, (microseconds + 999) / 1000);
    }

    private void RunCommands()
    {
        // Reset before draining: a command enqueued after the drain finds 0 and signals again. A full fence, since a count read before
        // the reset is seen would miss a command whose poster still found 1.
        Interlocked.Exchange(ref _signalled, 0);
        for (var left = _commands.Count; left > 0 && _commands.TryDequeue(out var command); left--)
        {
            command();
        }
    }

    private void RunTimers()
    {
        while (_timers.TryTake(Now, out var timer))
        {
            timer!.Fire();
        }
    }

    private void Sweep()
    {
        Holdings.Sweep(Now);
        if (!Holdings.IsEmpty)
        {
            ArmIn(_sweep, LoopHoldings.SweepInterval);
        }
    }

    private void RunTurns()
    {
        (_turns, _nextTurns) = (_nextTurns, _turns);
        while (_nextTurns.TryDequeue(out var turn))
        {
            turn.IsQueued = false;
            if (turn.Turn())
            {
                Queue(turn);
            }
        }
    }

    private void Refresh() => Now = _time.GetTimestamp() / (_time.TimestampFrequency / 1_000_000);

    private unsafe void WakeUp()
    {
        // Posting is allowed after the end, when the number of this descriptor may be somebody's connection already.
        lock (_wakeUpLock)
        {
            if (!_isDisposed)
            {
                ulong one = 1;
                _ = Libc.Write(_wakeUp, (byte*)&one, sizeof(ulong));
            }
        }
    }

    private static void CloseIfOpen(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
        }
    }
}
