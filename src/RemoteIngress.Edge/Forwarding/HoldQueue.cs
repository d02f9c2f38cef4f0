using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Forwarding;

/// <summary>
/// Clients that wait for a tunnel, oldest first. All wait equally long, so arrival order is deadline order and one timer serves them all.
/// </summary>
internal sealed class HoldQueue
{
    private readonly EventLoop _loop;
    private readonly TimeSpan _timeout;
    private readonly int _capacity;
    private readonly LoopTimer _timer;
    private Queue<ClientConnection> _waiting = new();

    internal HoldQueue(EventLoop loop, TimeSpan timeout, int capacity)
    {
        _loop = loop;
        _timeout = timeout;
        _capacity = capacity;
        _timer = new LoopTimer(Expire);
    }

    internal int Count => _waiting.Count;

    /// <summary>False when the queue is full or holding is off.</summary>
    internal bool TryAdd(ClientConnection connection)
    {
        if (_timeout == TimeSpan.Zero || _waiting.Count >= _capacity)
        {
            return false;
        }

        connection.HeldUntil = _loop.Now + (long)_timeout.TotalMicroseconds;
        _waiting.Enqueue(connection);
        Arm();
        return true;
    }

    /// <summary>A tunnel is up: everyone tries again.</summary>
    internal void Release()
    {
        var waiting = _waiting;
        _waiting = new Queue<ClientConnection>();
        foreach (var connection in waiting)
        {
            connection.Place();
        }

        Arm();
    }

    private void Expire()
    {
        while (_waiting.TryPeek(out var connection) && (connection.IsReleased || connection.HeldUntil <= _loop.Now))
        {
            _waiting.Dequeue();
            if (!connection.IsReleased)
            {
                connection.EndUnserved();
            }
        }

        Arm();
    }

    private void Arm()
    {
        if (_waiting.TryPeek(out var next))
        {
            _loop.Arm(_timer, next.HeldUntil);
        }
        else
        {
            _loop.Cancel(_timer);
        }
    }
}
