using System.Collections.Concurrent;
using System.Net;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// The tunnels of one loop and the connections behind them. Everything but <see cref="Load"/>, <see cref="Counters"/> and the
/// <c>…Async</c> methods belongs to the loop's thread. Dies with its loop; the next one goes on with its counts and with the connections that
/// nobody had taken over yet.
/// </summary>
internal sealed class HubLoop(EventLoop loop, TunnelServer server, HubLoop? before = null)
{
    // Of the failures of a second, the event queue gets so many: it has better things to carry.
    private const int MaxFailuresTold = 100;
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    // A UDP session has no end that anybody could see: while draining, all are over when nothing passed for so long.
    private const long UdpQuiet = 1_000_000;

    private readonly HashSet<EdgeSession> _sessions = [];
    private readonly HashSet<TargetConnection> _connections = [];
    private readonly ConcurrentQueue<Incoming> _incoming = before?._incoming ?? new();
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _empty;
    private readonly long[] _tellAgain = new long[Enum.GetValues<HubLimit>().Length];
    private int _load;
    private long _datagramAt = long.MinValue / 2;
    private LoopTimer? _quiet;
    private long _failuresSince = long.MinValue / 2;
    private int _failures;

    internal EventLoop Loop { get; } = loop;

    internal LoopCounters Counters { get; } = before?.Counters ?? new();

    internal TunnelServerOptions Options => server.Options;

    internal SessionDirectory Directory => server.Directory;

    internal EdgeLookups Lookups => server.Lookups;

    internal HubEventQueue Events => server.Events;

    internal TimeProvider Time => server.Time;

    internal FailureHistory Failures => server.Failures;

    /// <summary>Connections of all loops.</summary>
    internal Bound Streams => server.Streams;

    /// <summary>UDP sessions of all loops.</summary>
    internal Bound UdpSessions => server.UdpSessions;

    internal string HubId => server.Options.Identity.HubId;

    internal bool IsDraining { get; private set; }

    /// <summary>Tunnels here or on their way here; any thread may read it.</summary>
    internal int Load => Volatile.Read(ref _load) + _incoming.Count;

    /// <summary>Its thread runs; any thread may read it.</summary>
    internal bool IsAlive => !Loop.Ended.IsCompleted;

    /// <summary>From the listener's loop: a connection for this loop, or for the next one in its place.</summary>
    internal void Post(TcpSocket socket, IPEndPoint remote, HubCertificate certificate)
    {
        _incoming.Enqueue(new Incoming(socket, remote, certificate));
        server.Loops[Loop.Index].PostAccept();
    }

    /// <summary>Takes over what waits.</summary>
    internal void PostAccept() => Loop.Post(AcceptIncoming);

    /// <summary>The server ends: nobody takes over what waits.</summary>
    internal void CloseIncoming()
    {
        while (_incoming.TryDequeue(out var next))
        {
            next.Socket.Close();
        }
    }

    /// <summary>The loop died, and with it every socket: gives back what is counted for them. Once, after the end of its thread.</summary>
    internal void Abandon()
    {
        EdgeSession[] sessions = [.. _sessions.Union(_connections.Select(connection => connection.Host).OfType<EdgeSession>())];
        foreach (var connection in _connections)
        {
            CountEnd(connection, StreamEndReason.InternalError);
        }

        foreach (var session in sessions)
        {
            session.Abandon();
        }

        Loop.Datagrams.Counts.Abandon();
    }

    /// <summary>No new streams; completes when the last connection has ended, or the loop.</summary>
    internal Task DrainAsync()
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() => Drain(idle));
        return Task.WhenAny(idle.Task, Loop.Ended);
    }

    /// <summary>Ends all tunnels and connections; completes when nothing of them is left, or with the loop.</summary>
    internal Task CloseAllAsync(TunnelEndReason reason)
    {
        var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() => CloseAll(reason, empty));
        return Task.WhenAny(empty.Task, Loop.Ended);
    }

    /// <summary>A connection is no longer on its way to becoming a tunnel.</summary>
    internal void LeaveAdmission(IPAddress address) => server.LeaveAdmission(address);

    internal void Refuse(IPEndPoint remote, string? edgeId, TunnelEndReason reason, string detail)
    {
        Counters.Refused(reason);
        Events.Post(new HubEvent.Refused(remote, edgeId, reason, detail));
    }

    /// <summary>A bound of the tunnel port was met; returns what to say of it.</summary>
    internal string LimitMet(HubLimit limit)
    {
        Counters.LimitMet(limit);
        return limit.Describe(Options);
    }

    /// <summary>A connection of an edge was refused for a bound.</summary>
    internal void RefuseStream(HubLimit limit, string edgeId)
    {
        Counters.LimitMet(limit);

        // Refusing must stay cheap: this may be ten thousand times a second.
        if (Loop.Now >= _tellAgain[(int)limit])
        {
            _tellAgain[(int)limit] = Loop.Now + (long)TellEvery.TotalMicroseconds;
            Events.Post(new HubEvent.StreamsRefused(edgeId, limit, limit.Describe(Options)));
        }
    }

    /// <summary>A target could not be reached.</summary>
    internal void OnTargetFailed(string edgeId, int port, PortPlan target, StreamEndReason reason)
    {
        if (Loop.Now >= _failuresSince + (long)TellEvery.TotalMicroseconds)
        {
            _failuresSince = Loop.Now;
            _failures = 0;
        }

        if (_failures++ < MaxFailuresTold)
        {
            Events.Post(new HubEvent.TargetFailed(edgeId, port, target.Target, reason));
        }
    }

    internal void OnConnectionStarted(TargetConnection connection)
    {
        _connections.Add(connection);
        Counters.ConnectionStarted();
    }

    internal void OnConnectionEnded(TargetConnection connection, StreamEndReason reason)
    {
        _connections.Remove(connection);
        CountEnd(connection, reason);
        CompleteIfIdle();
    }

    internal void OnDatagramPassed() => _datagramAt = Loop.Now;

    internal void OnSessionEnded() => CompleteIfIdle();

    internal void OnDrainHeard() => CompleteIfIdle();

    /// <summary>The tunnel's socket is closed.</summary>
    internal void OnReleased(EdgeSession session)
    {
        _sessions.Remove(session);
        Interlocked.Decrement(ref _load);
        CompleteIfIdle();
    }

    private void CountEnd(TargetConnection connection, StreamEndReason reason)
    {
        Counters.ConnectionEnded(reason);
        if (connection.Told is { } told)
        {
            Events.Tell(new StreamClosedEventArgs(
                told.StreamId, told.EdgeId, told.InstanceId, told.Port, told.ClientAddress, told.Target, reason.MetricTag(), Time.GetUtcNow()));
        }
    }

    private void AcceptIncoming()
    {
        while (_incoming.TryDequeue(out var next))
        {
            Interlocked.Increment(ref _load);
            Accept(next.Socket, next.Remote, next.Certificate);
        }
    }

    private void Accept(TcpSocket socket, IPEndPoint remote, HubCertificate certificate)
    {
        if (IsDraining)
        {
            socket.Close();
            Interlocked.Decrement(ref _load);
            server.LeaveAdmission(remote.Address);
            Refuse(remote, null, TunnelEndReason.Draining, TunnelEndReason.Draining.Describe());
            return;
        }

        var session = new EdgeSession(this, remote);
        _sessions.Add(session);
        session.Start(socket, certificate);
    }

    private void Drain(TaskCompletionSource idle)
    {
        IsDraining = true;
        _idle = idle;
        foreach (var session in _sessions.ToArray())
        {
            session.Drain();
        }

        CompleteIfIdle();
    }

    private void CloseAll(TunnelEndReason reason, TaskCompletionSource empty)
    {
        IsDraining = true;
        _empty = empty;
        foreach (var session in _sessions.ToArray())
        {
            session.Close(reason);
        }

        // Those whose stream is over already and whose last bytes their target has not taken.
        foreach (var connection in _connections.ToArray())
        {
            connection.Abort(StreamEndReason.Shutdown);
        }

        CompleteIfIdle();
    }

    private void CompleteIfIdle()
    {
        if (_connections.Count > 0)
        {
            return;
        }

        // A connection that crossed the GOAWAY is not here yet.
        if (_idle is not null && !_idle.Task.IsCompleted && !_sessions.Any(static session => session.TakesCrossing))
        {
            CompleteWhenQuiet(_idle);
        }

        if (_sessions.Count == 0)
        {
            _empty?.TrySetResult();
        }
    }

    private void CompleteWhenQuiet(TaskCompletionSource idle)
    {
        if (Loop.Datagrams.Counts.Sessions == 0 || _datagramAt + UdpQuiet <= Loop.Now)
        {
            idle.TrySetResult();
        }
        else
        {
            Loop.Arm(_quiet ??= new LoopTimer(CompleteIfIdle), _datagramAt + UdpQuiet);
        }
    }

    private readonly record struct Incoming(TcpSocket Socket, IPEndPoint Remote, HubCertificate Certificate);
}
