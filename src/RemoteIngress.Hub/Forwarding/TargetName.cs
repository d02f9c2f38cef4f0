using System.Net;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>
/// A target's host with what is known of its addresses. Loops read it without waiting; looking the name up is the resolver's, on the
/// thread pool, one look-up at a time. The last good answer stays in use while a newer one is fetched, and when that fails.
/// </summary>
internal sealed class TargetName
{
    /// <summary>Opens that may wait for the first answer to one name; more are refused at once.</summary>
    internal const int MaxWaiting = 1024;

    private readonly TargetResolver _resolver;
    private readonly Lock _lock = new();
    private readonly List<(EventLoop Loop, ITargetWaiter Waiter)> _waiting = [];
    private volatile Answer? _answer;
    private bool _isAsking;

    internal TargetName(string host, TargetResolver resolver)
    {
        Host = host;
        _resolver = resolver;
        if (IPAddress.TryParse(host, out var literal))
        {
            _answer = new Answer([literal], long.MaxValue);
        }
    }

    internal string Host { get; }

    /// <summary>When somebody last asked for it, on the resolver's clock.</summary>
    internal long LastUsed { get; private set; }

    /// <summary>
    /// UDP: at which of its addresses sessions begin to try. Nobody says that one is there, only that none is, and then the next is tried.
    /// Loops move it without a lock: a step that is lost costs one more refusal.
    /// </summary>
    internal int UdpStart { get; set; }

    /// <summary>
    /// The addresses, possibly none; or <see langword="null"/>: <paramref name="waiter"/> is told on <paramref name="loop"/> later.
    /// Never blocks.
    /// </summary>
    internal IReadOnlyList<IPAddress>? Find(EventLoop loop, ITargetWaiter waiter)
    {
        var now = _resolver.Now;
        LastUsed = now;
        var answer = _answer;
        if (answer is not null && (now < answer.FreshUntil || answer.Addresses.Count > 0))
        {
            if (now >= answer.FreshUntil)
            {
                Refresh();
            }

            return answer.Addresses;
        }

        return Wait(loop, waiter);
    }

    /// <summary>Takes what a look-up found; nothing, when it failed.</summary>
    internal void Complete(IReadOnlyList<IPAddress> found)
    {
        (EventLoop Loop, ITargetWaiter Waiter)[] waiting;
        IReadOnlyList<IPAddress> addresses;
        lock (_lock)
        {
            addresses = found.Count > 0 ? found : _answer?.Addresses ?? [];
            _answer = new Answer(addresses, _resolver.Now + (found.Count > 0 ? _resolver.Freshness : _resolver.RetryAfter));
            _isAsking = false;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var (loop, waiter) in waiting)
        {
            loop.Post(() => waiter.OnResolved(addresses));
        }
    }

    private IReadOnlyList<IPAddress>? Wait(EventLoop loop, ITargetWaiter waiter)
    {
        lock (_lock)
        {
            if (_waiting.Count >= MaxWaiting)
            {
                return [];
            }

            _waiting.Add((loop, waiter));
        }

        Refresh();
        return null;
    }

    private void Refresh()
    {
        lock (_lock)
        {
            if (_isAsking)
            {
                return;
            }

            _isAsking = true;
        }

        _resolver.Ask(this);
    }

    private sealed record Answer(IReadOnlyList<IPAddress> Addresses, long FreshUntil);
}
