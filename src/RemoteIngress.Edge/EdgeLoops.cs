using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Supervision;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Edge;

/// <summary>The loops of one edge: what they have in common, and how one that died is made anew.</summary>
internal sealed class EdgeLoops : ILoopOwner, IAsyncDisposable
{
    private readonly LoopGroup _group;
    private readonly EdgeOptions _options;
    private readonly EdgeIdentity _identity;
    private readonly TunnelOptions _tunnels;
    private readonly EdgeNotices _notices;
    private readonly HubResolver _resolver;
    private readonly EdgeLoop[] _loops;
    private volatile IReadOnlyList<HubAddress> _hubs;
    private volatile bool _isDialling;

    internal EdgeLoops(
        LoopGroup group, EdgeOptions options, EdgeLimits limits, EdgeIdentity identity, TunnelOptions tunnels, HubResolver resolver, EdgeNotices notices)
    {
        _group = group;
        _hubs = options.Hubs;
        _options = options;
        Limits = limits;
        _identity = identity;
        _tunnels = tunnels;
        _notices = notices;
        _resolver = resolver;
        _loops = [.. group.Loops.Select(loop => Create(loop, before: null))];
    }

    /// <summary>The loops now; another one stands in the place of one that died.</summary>
    internal IReadOnlyList<EdgeLoop> All => _loops;

    /// <summary>Told of a loop that stands in the place of one that died, before it dials.</summary>
    internal Action<EdgeLoop>? Revived { get; set; }

    /// <summary>The bounds that hold for all loops together.</summary>
    internal EdgeLimits Limits { get; }

    internal IReadOnlyList<EventLoop> EventLoops => _group.Loops;

    /// <summary>Lets them run, without a hub yet.</summary>
    internal void Start() => _group.Start();

    /// <summary>Dials the hubs. From now on a loop that dies is replaced.</summary>
    internal void Dial(Supervisor supervisor)
    {
        _isDialling = true;
        Follow(_hubs);
        _group.Supervise(supervisor, this);
    }

    /// <summary>Other hubs than before: every loop dials those that are new, and leaves those that are not among them any more.</summary>
    internal void Follow(IReadOnlyList<HubAddress> hubs)
    {
        _hubs = hubs;
        foreach (var loop in _isDialling ? _loops : [])
        {
            Dial(loop);
        }
    }

    /// <summary>No loop is replaced any more.</summary>
    internal Task EndSupervisionAsync() => _group.EndSupervisionAsync();

    /// <summary>Runs something that takes its time on every loop; completes when it has on all that live.</summary>
    internal Task ForAllAsync(Func<EdgeLoop, Task> action) => Task.WhenAll(_loops.Select(loop => InvokeAsync(loop, action)));

    void ILoopOwner.OnLoopDied(int index) => _loops[index].Abandon();

    void ILoopOwner.Revive(EventLoop loop)
    {
        var revived = Create(loop, _loops[loop.Index]);
        _loops[loop.Index] = revived;
        Revived?.Invoke(revived);
        Dial(revived);
        _notices.AddRevived();
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private EdgeLoop Create(EventLoop loop, EdgeLoop? before) => new(
        loop,
        new TunnelPool(loop, _identity, _tunnels, _resolver, _notices, new Random(), before?.Pool.History),
        _options,
        Limits,
        before?.Counters);

    // Those of the moment when it runs: of two that are posted the later may have the older list in mind.
    private void Dial(EdgeLoop loop) => loop.Loop.Post(() => loop.Follow(_hubs));

    private static async Task InvokeAsync(EdgeLoop loop, Func<EdgeLoop, Task> action)
    {
        try
        {
            await Task.WhenAny(await loop.Loop.InvokeAsync(() => action(loop)), loop.Loop.Ended);
        }
        catch (ObjectDisposedException)
        {
            // It died, and what it had is gone.
        }
    }
}
