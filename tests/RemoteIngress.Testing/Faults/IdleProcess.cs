using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.Testing.Faults;

/// <summary>
/// A hub or an edge with nothing to do: no streams, connections or bytes, a socket for each listener and tunnel and no other, a timer for
/// each tunnel, and beside the loops no more descriptors than when it was first seen.
/// </summary>
internal sealed class IdleProcess
{
    private static readonly string[] Zeros = ["streams", "active_connections", "held_connections", "buffered_bytes", "held_bytes", "rented_bytes", "udp_sessions"];

    private readonly ExternalProcess _process;
    private readonly string _prefix;
    private readonly int _statusPort;
    private readonly int _hubs;
    private readonly Func<CancellationToken, Task<MetricsPage>> _read;
    private IReadOnlyList<string> _own = [];
    private int _ownCount;

    /// <param name="process">It.</param>
    /// <param name="prefix">How its metrics begin.</param>
    /// <param name="statusPort">Where they are read.</param>
    /// <param name="hubs">Edge: how many hubs it dials. 0 for a hub.</param>
    /// <param name="read">Reads them.</param>
    internal IdleProcess(ExternalProcess process, string prefix, int statusPort, int hubs, Func<CancellationToken, Task<MetricsPage>> read)
    {
        _process = process;
        _prefix = prefix;
        _statusPort = statusPort;
        _hubs = hubs;
        _read = read;
    }

    /// <summary>Notes the descriptors that it has beside those of its loops.</summary>
    internal async Task NoteAsync(CancellationToken cancellation) => await Poll.UntilAsync(
        $"{_prefix}: steady descriptors",
        async token =>
        {
            var before = await _read(token);
            _own = ProcessDescriptors.Of(_process.Id, _statusPort);
            var after = await _read(token);
            _ownCount = _own.Count - (int)Watched(after);
            return Watched(before) == Watched(after);
        },
        cancellation);

    /// <summary>Waits until everything is as it was.</summary>
    internal async Task UntilIdleAsync(CancellationToken cancellation)
    {
        var left = "no answer";
        try
        {
            await Poll.UntilAsync("idle", async token => (left = WhatIsLeft(await _read(token))) is "", cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"left after the test (which may have failed itself before): {left}");
        }
    }

    private string WhatIsLeft(MetricsPage page)
    {
        List<string> left = [.. Zeros.Where(name => page.Sum(Name(name)) != 0).Select(name => $"{Name(name)} {page.Sum(Name(name))}")];
        var tunnels = page.Sum(Name("tunnels"));
        var expected = tunnels + (_hubs == 0 ? 1 : page.Sum(Name("listeners")));
        if (Watched(page) != expected)
        {
            left.Add($"{Watched(page)} sockets on loops instead of {expected}");
        }

        // a tunnel that is down has one for dialling
        var timers = page.Sum(Name("loop_timers"));
        var most = Math.Max(tunnels, _hubs * page.Count(Name("loop_timers")));
        if (timers > most)
        {
            left.Add($"{timers} timers instead of {most}");
        }

        var own = ProcessDescriptors.Of(_process.Id, _statusPort);
        if (own.Count - Watched(page) > _ownCount)
        {
            left.Add($"{own.Count - Watched(page)} descriptors beside loops instead of {_ownCount}: {string.Join(", ", own.CountBy(static text => text).Except(_own.CountBy(static text => text)).Select(static entry => $"{entry.Value} x {entry.Key}"))}");
        }

        return string.Join("; ", left);
    }

    private long Watched(MetricsPage page) => page.Sum(Name("loop_descriptors"));

    private string Name(string name) => $"{_prefix}_{name}";
}
