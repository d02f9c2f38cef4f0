using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Forwarding;

/// <summary>
/// Clients that wait for a tunnel. Each waits no longer than the timeout from when it was first held, also when a tunnel that came for a
/// moment was lost again; one timer serves them all.
/// </summary>
internal sealed class HoldQueue
{
    private readonly EventLoop _loop;
    private readonly TimeSpan _timeout;
    private readonly Bound _places;
    private readonly LoopTimer _timer;
    private PriorityQueue<ClientConnection, long> _waiting = new();

    // Places taken: exact at any moment, also at one in which the loop dies.
    private int _count;

    /// <param name="loop">The loop of the clients.</param>
    /// <param name="timeout">How long each waits; zero turns holding off.</param>
    /// <param name="places">How many may wait, shared by all loops.</param>
    internal HoldQueue(EventLoop loop, TimeSpan timeout, Bound places)
    {
        _loop = loop;
        _timeout = timeout;
        _places = places;
        _timer = new LoopTimer(Expire);
    }

    internal int Count => _count;

    internal bool IsOff => _timeout == TimeSpan.Zero || _places.Max == 0;

    /// <summary>False when there is no place or holding is off.</summary>
    internal bool TryAdd(ClientConnection connection)
    {
        if (IsOff || !_places.TryEnter())
        {
            return false;
        }

        _count++;
        connection.HeldUntil ??= _loop.Now + (long)_timeout.TotalMicroseconds;
        _waiting.Enqueue(connection, connection.HeldUntil.Value);
        Arm();
        return true;
    }

    /// <summary>A client went away: its place is free at once.</summary>
    internal void Remove(ClientConnection connection)
    {
        if (connection.HeldUntil is not null && _waiting.Remove(connection, out _, out _))
        {
            LeavePlace();
            Arm();
        }
    }

    /// <summary>A tunnel is up: everyone tries again.</summary>
    internal void Release()
    {
        var waiting = _waiting;
        _waiting = new PriorityQueue<ClientConnection, long>();
        while (waiting.TryDequeue(out var connection, out _))
        {
            LeavePlace();
            connection.Place();
        }

        Arm();
    }

    private void LeavePlace()
    {
        _count--;
        _places.Leave();
    }

    private void Expire()
    {
        while (_waiting.TryPeek(out var connection, out var until) && until <= _loop.Now)
        {
            _waiting.Dequeue();
            LeavePlace();
            connection.EndUnserved();
        }

        Arm();
    }

    private void Arm()
    {
        if (_waiting.TryPeek(out _, out var until))
        {
            _loop.Arm(_timer, until);
        }
        else
        {
            _loop.Cancel(_timer);
        }
    }
}
