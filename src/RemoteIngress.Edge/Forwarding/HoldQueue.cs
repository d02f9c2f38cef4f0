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

    internal int Count => _waiting.Count;

    internal bool IsOff => _timeout == TimeSpan.Zero || _places.Max == 0;

    /// <summary>False when there is no place or holding is off.</summary>
    internal bool TryAdd(ClientConnection connection)
    {
        if (IsOff || !_places.TryEnter())
        {
            return false;
        }

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
            _places.Leave();
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
            _places.Leave();
            connection.Place();
        }

        Arm();
    }

    private void Expire()
    {
        while (_waiting.TryPeek(out var connection, out var until) && until <= _loop.Now)
        {
            _waiting.Dequeue();
            _places.Leave();
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
