using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>Turns the hosts of targets into addresses, on the thread pool and with a bounded number of questions at once.</summary>
internal sealed class TargetResolver : IDisposable
{
    /// <summary>Names kept before those that nobody used for <see cref="ForgetAfter"/> are let go.</summary>
    internal const int ManyNames = 4096;

    // getaddrinfo blocks a thread of the pool for as long as the name server takes.
    private const int Concurrency = 8;
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, TargetName> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _slots = new(Concurrency);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;

    internal TargetResolver(TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        _time = time;
        _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
        Freshness = Ticks(Fresh);
        RetryAfter = Ticks(Retry);
    }

    internal long Now => _time.GetTimestamp();

    /// <summary>How long an answer counts as new (30 s), in units of <see cref="Now"/>.</summary>
    internal long Freshness { get; }

    /// <summary>How long a failure is believed (1 s), in units of <see cref="Now"/>.</summary>
    internal long RetryAfter { get; }

    /// <summary>The one object for <paramref name="host"/>, a name or an address.</summary>
    internal TargetName Find(string host)
    {
        if (_names.Count > ManyNames)
        {
            Forget();
        }

        return _names.GetOrAdd(host, static (key, resolver) => new TargetName(key, resolver), this);
    }

    /// <summary>Looks <paramref name="name"/> up and gives it the answer. Returns at once.</summary>
    internal void Ask(TargetName name) => _ = Task.Run(() => AskAsync(name));

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task AskAsync(TargetName name)
    {
        IPAddress[] found = [];
        try
        {
            await _slots.WaitAsync(_stopping.Token);
            try
            {
                found = await _lookUp(name.Host, _stopping.Token);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException or ArgumentException)
        {
            // No answer is an answer here: the last good addresses stay, or the connections that wait are told.
        }

        name.Complete(found);
    }

    private void Forget()
    {
        var before = Now - Ticks(ForgetAfter);
        foreach (var (host, name) in _names)
        {
            if (name.LastUsed < before)
            {
                // A plan that still holds it goes on using it; it is only not shared any more.
                _names.TryRemove(host, out _);
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
