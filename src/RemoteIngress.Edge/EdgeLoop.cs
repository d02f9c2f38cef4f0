using System.Net;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Edge.Forwarding;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Listeners;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Edge.Udp;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Edge;

/// <summary>
/// What an edge has on one loop: its listeners, its clients and its own tunnel to every hub. Shares nothing with the other loops; every
/// method runs on the loop's thread. Dies with its loop; the next one goes on with its counts.
/// </summary>
internal sealed class EdgeLoop : IListenerOwner, IUdpOwner
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    // A UDP session has no end that anybody could see: while draining, one is over when nothing passed for so long.
    private const long UdpQuiet = 1_000_000;

    private readonly Dictionary<(int Port, bool IsUdp), IPortListener> _listeners = [];
    private readonly HoldQueue _held;
    private readonly UdpSessions _udp;
    private readonly IPAddress _address;
    private readonly EdgeLimits _limits;
    private readonly LoopTimer _quiet;
    private readonly long[] _tellAgain = new long[Enum.GetValues<EdgeLimit>().Length];
    private IReadOnlyList<HubAddress> _hubs = [];
    private bool _isNeeded;
    private TaskCompletionSource? _drained;

    internal EdgeLoop(EventLoop loop, TunnelPool pool, EdgeOptions options, EdgeLimits limits, LoopCounters? counters = null)
    {
        Counters = counters ?? new LoopCounters();
        Loop = loop;
        Pool = pool;
        _address = options.BindAddress;
        _limits = limits;
        _held = new HoldQueue(loop, options.HoldTimeout, limits.Held);
        _quiet = new LoopTimer(CompleteWhenDrained);
        _udp = new UdpSessions(this, TimeSpan.FromSeconds(options.UdpIdleSeconds), limits.UdpSessionsPerLoop, limits.UdpSessionsPerClientAndLoop);
        pool.BecameReady += _held.Release;
    }

    public EventLoop Loop { get; }

    internal TunnelPool Pool { get; }

    internal LoopCounters Counters { get; }

    /// <summary>Listening sockets; any thread may read it.</summary>
    internal int Listeners => _listeners.Count;

    /// <summary>Clients that wait for a tunnel; any thread may read it.</summary>
    internal int Held => _held.Count;

    /// <summary>Bytes of the smallest receive buffer that a UDP port got here; null without any. Any thread may read it.</summary>
    internal int? ReceiveBuffer { get; private set; }

    bool IClientOwner.IsAnyTunnelReady => Pool.IsReady;

    /// <summary>Whether a port of this kind is opened here.</summary>
    internal bool Serves(bool isUdp) => Loop.Duty == LoopDuty.All || (Loop.Duty == LoopDuty.Datagrams) == isUdp;

    /// <summary>Has tunnels to these hubs from now on; a loop that has only UDP ports waits for the first of them.</summary>
    internal void Follow(IReadOnlyList<HubAddress> hubs)
    {
        _hubs = hubs;
        FollowWhenNeeded();
    }

    /// <summary>
    /// Makes the listeners what <paramref name="wanted"/> says: only the difference is closed or opened. Connections on a removed port end.
    /// Returns the errno of every port that belongs here, 0 for those that listen.
    /// </summary>
    internal IReadOnlyDictionary<(int Port, bool IsUdp), int> Apply(IReadOnlyCollection<PortSpec> wanted)
    {
        foreach (var port in _listeners.Keys.Except(wanted.Select(spec => spec.Key)).ToArray())
        {
            _listeners.Remove(port, out var removed);
            removed!.Close(StreamEndReason.PortRemoved);
        }

        var results = new Dictionary<(int Port, bool IsUdp), int>();
        foreach (var spec in wanted.Where(spec => Serves(spec.IsUdp)))
        {
            results[spec.Key] = Open(spec);
        }

        FollowWhenNeeded();

        ReceiveBuffer = _listeners.Values.OfType<UdpListener>().Min(listener => (int?)listener.ReceiveBuffer);
        return results;
    }

    /// <summary>Stops listening; the task ends when the last connection has.</summary>
    internal Task StopAccepting()
    {
        foreach (var listener in _listeners.Values)
        {
            listener.Close(reason: null);
        }

        _udp.RefusesNew = true;
        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CompleteWhenDrained();
        return _drained.Task;
    }

    /// <summary>Ends what is left: connections, then tunnels. The task ends when every socket is closed.</summary>
    internal Task Abort()
    {
        foreach (var listener in _listeners.Values)
        {
            listener.Close(StreamEndReason.Shutdown);
        }

        Loop.Cancel(_quiet);
        return Pool.Stop(TunnelEndReason.Shutdown);
    }

    HubTunnel? IUdpOwner.Choose() => Pool.Choose([]);

    void IUdpOwner.MeetLimit(EdgeLimit limit) => MeetLimit(limit);

    void IUdpOwner.OnSessionEnded() => CompleteWhenDrained();

    /// <summary>The loop died, and with it every socket: gives back what is counted for them. Once, after the end of its thread.</summary>
    internal void Abandon()
    {
        for (var left = _held.Count; left > 0; left--)
        {
            _limits.Held.Leave();
        }

        for (var left = Counters.Active; left > 0; left--)
        {
            _limits.Streams.Leave();
            Counters.OnEnded(StreamEndReason.InternalError);
        }

        Loop.Datagrams.Counts.Abandon();
        Pool.Abandon();
    }

    HubTunnel? IClientOwner.Choose(IReadOnlyList<HubTunnel> tried) => Pool.Choose(tried);

    bool IListenerOwner.MayAccept(int descriptor)
    {
        if (_limits.Files.IsReserved(descriptor))
        {
            Refuse(EdgeLimit.Descriptors);
            return false;
        }

        if (!_limits.Streams.TryEnter())
        {
            Refuse(EdgeLimit.Streams);
            return false;
        }

        Counters.OnAccepted();
        return true;
    }

    void IListenerOwner.OnAcceptPaused(string why)
    {
        Counters.OnLimitMet(EdgeLimit.Descriptors);
        Pool.Notices.Add(new AcceptPaused(why));
    }

    void IClientOwner.Hold(ClientConnection connection)
    {
        if (!_held.TryAdd(connection))
        {
            if (!_held.IsOff)
            {
                MeetLimit(EdgeLimit.Held);
            }

            connection.Abort(StreamEndReason.NoTunnel);
        }
    }

    void IClientOwner.OnTunnelFull() => MeetLimit(EdgeLimit.StreamsPerTunnel);

    void IClientOwner.OnMoved() => Counters.OnMoved();

    void IClientOwner.OnEnded(ClientConnection connection, StreamEndReason reason)
    {
        _held.Remove(connection);
        _limits.Streams.Leave();
        Counters.OnEnded(reason);
        CompleteWhenDrained();
    }

    /// <summary>
    /// Before the first UDP port: completes when the loop that is for UDP alone, and dials nobody until it is needed, has a tunnel. On the loop's thread.
    /// </summary>
    internal Task HasTunnelForUdp()
    {
        if (Loop.Duty != LoopDuty.Datagrams || Pool.IsReady)
        {
            return Task.CompletedTask;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Pool.BecameReady += OnReady;
        _isNeeded = true;
        FollowWhenNeeded();
        return ready.Task;

        void OnReady()
        {
            Pool.BecameReady -= OnReady;
            ready.TrySetResult();
        }
    }

    private void FollowWhenNeeded()
    {
        _isNeeded |= Loop.Duty != LoopDuty.Datagrams || _listeners.Count > 0;
        if (_isNeeded && _hubs.Count > 0)
        {
            Pool.Follow(_hubs);
        }
    }

    private void Refuse(EdgeLimit limit)
    {
        Counters.OnRefused(StreamEndReason.LimitReached);
        MeetLimit(limit);
    }

    private void MeetLimit(EdgeLimit limit)
    {
        Counters.OnLimitMet(limit);

        // Refusing must stay cheap: this may be ten thousand times a second.
        if (Loop.Now >= _tellAgain[(int)limit])
        {
            _tellAgain[(int)limit] = Loop.Now + (long)TellEvery.TotalMicroseconds;
            Pool.Notices.Add(new ClientsRefused(limit, _limits.Describe(limit)));
        }
    }

    private int Open(PortSpec spec)
    {
        if (_listeners.TryGetValue(spec.Key, out var listener))
        {
            listener.Spec = spec;
            return 0;
        }

        if (_drained is not null)
        {
            return Errno.ConnectionAborted;
        }

        IPortListener? opened = spec.IsUdp
            ? UdpListener.TryOpen(Loop, _udp, _address, spec, _limits.UdpReceiveBuffer, out var error)
            : PortListener.TryOpen(Loop, this, _address, spec, out error);
        if (opened is not null)
        {
            _listeners.Add(spec.Key, opened);
        }

        return error;
    }

    private void CompleteWhenDrained()
    {
        if (_drained is null || Counters.Active > 0)
        {
            return;
        }

        if (_udp.LastActive + UdpQuiet is var quiet && quiet <= Loop.Now)
        {
            _drained.TrySetResult();
        }
        else
        {
            Loop.Arm(_quiet, quiet);
        }
    }
}
