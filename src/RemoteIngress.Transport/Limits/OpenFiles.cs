using System.Diagnostics;
using System.Diagnostics.Metrics;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Limits;

/// <summary>
/// The descriptors of this process: how many it may have, and how many of them are kept for tunnels, the HTTP endpoints and the registry
/// when clients use up the rest. The kernel gives out the lowest free number, so the number of a new descriptor says by itself how near the
/// limit is, without anybody counting. Thread-safe.
/// </summary>
internal sealed class OpenFiles
{
    private const string Directory = "/proc/self/fd";

    // Reading the directory takes tens of milliseconds when there are 100,000.
    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(1);

    private readonly int _reserved;
    private readonly Lock _lock = new();
    private volatile int _limit;
    private long _countedAt;
    private int _count = -1;

    /// <param name="limit">Descriptors that this process may have.</param>
    /// <param name="reserved">How many of them are for nobody but the process itself; at most a quarter is kept.</param>
    internal OpenFiles(int limit, int reserved)
    {
        _limit = limit;
        _reserved = reserved;
    }

    /// <summary>Set by tests alone: to have a descriptor too many at will.</summary>
    internal int Limit
    {
        get => _limit;
        set => _limit = value;
    }

    internal int Reserved => Math.Min(_reserved, Limit / 4);

    /// <summary>Raises the soft limit of the process to the hard one and reads what came of it.</summary>
    internal static OpenFiles Raise(int reserved)
    {
        if (!TryRead(out var limit))
        {
            return new OpenFiles(int.MaxValue, reserved);
        }

        if (limit.Soft < limit.Hard)
        {
            var raised = limit with { Soft = limit.Hard };
            _ = Libc.SetResourceLimit(Linux.LimitOpenFiles, in raised);
            _ = TryRead(out limit);
        }

        return new OpenFiles((int)Math.Min(limit.Soft, int.MaxValue), reserved);
    }

    /// <summary>This new descriptor is one of the reserved ones: give it back.</summary>
    internal bool IsReserved(int descriptor) => descriptor >= Limit - Reserved;

    /// <summary>
    /// As <see cref="IsReserved"/>, for a connection to a target: those stop a little earlier than tunnels do, so that a hub full of
    /// connections still takes an edge back.
    /// </summary>
    internal bool IsReservedForTunnels(int descriptor) => descriptor >= Limit - Reserved - (Reserved / 4);

    /// <summary>Descriptors open now, at most a second old; -1 when the system does not say.</summary>
    internal int Count()
    {
        lock (_lock)
        {
            if (_count < 0 || Stopwatch.GetElapsedTime(_countedAt) >= CountedFor)
            {
                _count = ReadCount();
                _countedAt = Stopwatch.GetTimestamp();
            }

            return _count;
        }
    }

    /// <summary>Both numbers, for whoever listens to meters.</summary>
    internal void AddTo(Meter meter, string prefix)
    {
        meter.CreateObservableUpDownCounter(prefix + ".open_descriptors", Count, "{descriptor}", "Open files and sockets of the process");
        meter.CreateObservableUpDownCounter(prefix + ".descriptor_limit", () => Limit, "{descriptor}", "Open files and sockets that the process may have");
    }

    private static int ReadCount()
    {
        try
        {
            // One of them is the directory that is being read.
            return System.IO.Directory.EnumerateFileSystemEntries(Directory).Count() - 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    private static bool TryRead(out ResourceLimit limit) => Libc.GetResourceLimit(Linux.LimitOpenFiles, out limit) == 0;
}
