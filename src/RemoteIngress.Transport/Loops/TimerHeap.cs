namespace RemoteIngress.Transport.Loops;

/// <summary>
/// A binary heap of timers that knows where each one stands, so that arming, moving and cancelling are O(log n) without garbage and
/// without dead entries left behind (PriorityQueue can only leave them).
/// </summary>
internal sealed class TimerHeap
{
    private LoopTimer[] _heap = new LoopTimer[64];

    internal int Count { get; private set; }

    /// <summary>The next deadline, or <see cref="long.MaxValue"/>.</summary>
    internal long Next => Count == 0 ? long.MaxValue : _heap[0].Deadline;

    internal void Set(LoopTimer timer, long deadline)
    {
        if (!timer.IsArmed)
        {
            if (Count == _heap.Length)
            {
                Array.Resize(ref _heap, Count * 2);
            }

            timer.Index = Count;
            _heap[Count++] = timer;
        }

        timer.Deadline = deadline;
        Down(Up(timer.Index));
    }

    internal void Cancel(LoopTimer timer)
    {
        if (!timer.IsArmed)
        {
            return;
        }

        var index = timer.Index;
        timer.Index = -1;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (last == timer)
        {
            return;
        }

        Place(last, index);
        Down(Up(index));
    }

    /// <summary>Takes the first timer that is due at <paramref name="now"/>, if any.</summary>
    internal bool TryTake(long now, out LoopTimer? timer)
    {
        timer = null;
        if (Next > now)
        {
            return false;
        }

        timer = _heap[0];
        Cancel(timer);
        return true;
    }

    private int Up(int index)
    {
        var timer = _heap[index];
        while (index > 0 && _heap[(index - 1) / 2].Deadline > timer.Deadline)
        {
            Place(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Place(timer, index);
        return index;
    }

    private void Down(int index)
    {
        var timer = _heap[index];
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _heap[child + 1].Deadline < _heap[child].Deadline)
            {
                child++;
            }

            if (_heap[child].Deadline >= timer.Deadline)
            {
                break;
            }

            Place(_heap[child], index);
            index = child;
        }

        Place(timer, index);
    }

    private void Place(LoopTimer timer, int index)
    {
        _heap[index] = timer;
        timer.Index = index;
    }
}
