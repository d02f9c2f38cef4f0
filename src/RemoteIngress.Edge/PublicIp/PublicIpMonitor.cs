using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.PublicIp;

/// <summary>
/// Asks a STUN server for the public addresses of this edge: at the start, at the interval that the hubs set, and when the edge had lost its
/// tunnels, since its address may be another now. Ordinary async code; nothing else depends on what it finds.
/// </summary>
internal sealed partial class PublicIpMonitor(HubAddress server, IPAddress bindAddress, TimeProvider time, ILogger<PublicIpMonitor> logger)
{
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromHours(1);

    private readonly ILogger _logger = logger;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private PublicIpState _state = new();
    private int _intervalSeconds = EdgeSnapshot.DefaultStunIntervalSecs;
    private int _isWanted;
    private int _rotation;
    private long _started;
    private long _failed;

    /// <summary>The address to show was found or is another one. Raised on the thread pool, one at a time; handlers must not block.</summary>
    internal event Action<IPAddress>? Changed;

    internal HubAddress Server { get; } = server;

    internal StunCounters Counters { get; } = new();

    /// <summary>Turns the server's name into addresses, or says why it has none.</summary>
    internal Func<string, CancellationToken, Task<(IReadOnlyList<IPAddress> Addresses, string Error)>> LookUp { get; init; } = new NameLookUp(time).FindAsync;

    /// <summary>What is known now. Thread-safe.</summary>
    internal PublicIpState State => Volatile.Read(ref _state);

    /// <summary>The interval from now on, in seconds; it counts from the last question. Thread-safe.</summary>
    internal void SetInterval(int seconds)
    {
        if (Interlocked.Exchange(ref _intervalSeconds, seconds) != seconds)
        {
            _news.Writer.TryWrite(true);
        }
    }

    /// <summary>Something happened after which the address may be another: asks now, or 10 s after the last question. Thread-safe.</summary>
    internal void AskSoon()
    {
        Volatile.Write(ref _isWanted, 1);
        _news.Writer.TryWrite(true);
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Volatile.Write(ref _isWanted, 0);
            _started = time.GetTimestamp();
            await AskAsync(cancellationToken);
            await UntilDueAsync(cancellationToken);
        }
    }

    private async Task UntilDueAsync(CancellationToken cancellationToken)
    {
        while (TimeLeft() is var left && left > TimeSpan.Zero)
        {
            using var timer = new CancellationTokenSource(left < LongestTimer ? left : LongestTimer, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try
            {
                await _news.Reader.ReadAsync(both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // it may be time
            }
        }
    }

    private TimeSpan TimeLeft()
    {
        var interval = TimeSpan.FromSeconds(Volatile.Read(ref _intervalSeconds));
        var left = interval - time.GetElapsedTime(_started);
        if (State.Error is not null)
        {
            // Counted from its failure: a server that does not answer takes longer than this already.
            left = (interval < RetryAfterFailure ? interval : RetryAfterFailure) - time.GetElapsedTime(_failed);
        }

        var soonest = SoonestAgain - time.GetElapsedTime(_started);
        return Volatile.Read(ref _isWanted) == 1 && soonest < left ? soonest : left;
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var (addresses, error) = await LookUp(Server.Host, cancellationToken);
        var v4 = AskAsync(addresses, AddressFamily.InterNetwork, cancellationToken);
        var v6 = AskAsync(addresses, AddressFamily.InterNetworkV6, cancellationToken);

        // One family must not wait half a minute for the other; but an IPv6 answer that is a moment faster is not shown for that moment.
        await Task.WhenAny(v4, WithGraceAsync(v6, cancellationToken));
        Take(v4.IsCompletedSuccessfully ? await v4 : null, v6.IsCompletedSuccessfully ? await v6 : null);
        var answers = await Task.WhenAll(v4, v6);
        Take(answers[0], answers[1]);
        if (answers.All(static answer => answer?.Address is null))
        {
            var errors = answers.OfType<StunAnswer>().Select(static answer => answer.Error).Distinct().ToArray();
            Fail(errors.Length > 0 ? string.Join("; ", errors) : addresses.Count > 0 ? "the name has no address of the family of --bind-address" : error);
        }
    }

    /// <summary>Asks one address of the family; null when there is none to ask, or none to ask from.</summary>
    private async Task<StunAnswer?> AskAsync(IReadOnlyList<IPAddress> addresses, AddressFamily family, CancellationToken cancellationToken)
    {
        var candidates = addresses.Where(address => address.AddressFamily == family).ToArray();
        if (candidates.Length == 0 || LocalAddress(family) is not { } local)
        {
            return null;
        }

        var address = candidates[_rotation % candidates.Length];
        var answer = await new StunQuery(time, Counters).AskAsync(new IPEndPoint(address, Server.Port), local, cancellationToken);
        LogAnswer(address, answer.Address?.ToString() ?? answer.Error);
        return answer;
    }

    // The public address of the address that clients come to; a loopback one has none, and then that of the machine is the answer.
    private IPAddress? LocalAddress(AddressFamily family)
    {
        var isAny = bindAddress.Equals(IPAddress.Any) || bindAddress.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(bindAddress);
        return isAny ? family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any
            : bindAddress.AddressFamily == family ? bindAddress
            : null;
    }

    private async Task WithGraceAsync(Task<StunAnswer?> v6, CancellationToken cancellationToken)
    {
        await v6;
        await Task.Delay(Grace, time, cancellationToken);
    }

    private void Take(StunAnswer? v4, StunAnswer? v6)
    {
        var (found4, found6) = (v4?.Address, v6?.Address);
        if (found4 is null && found6 is null)
        {
            return;
        }

        var before = State;
        var now = before with { IPv4 = found4 ?? before.IPv4, IPv6 = found6 ?? before.IPv6, Error = null, LastSuccess = time.GetUtcNow() };
        Volatile.Write(ref _state, now);
        if (!now.Address!.Equals(before.Address))
        {
            LogFound(now.Address, Server, before.Address is { } old ? $", it was {old}" : "");
            Changed?.Invoke(now.Address);
        }
        else if (before.Error is not null)
        {
            LogAnswers(Server, now.Address);
        }
    }

    private void Fail(string error)
    {
        var before = State;
        _rotation++;
        _failed = time.GetTimestamp();
        Volatile.Write(ref _state, before with { Error = error });
        if (before.Error is null)
        {
            LogFailed(Server, error, before.Address is { } last ? $"{last} stays the last one known" : "it is not known");
        }
    }

    [LoggerMessage(2310, LogLevel.Information, "public address {Address}, says STUN server {Server}{Before}", EventName = "PublicIpFound")]
    private partial void LogFound(IPAddress address, HubAddress server, string before);

    [LoggerMessage(2302, LogLevel.Information, "STUN server {Server} answers again: public address {Address}", EventName = "StunAnswersAgain")]
    private partial void LogAnswers(HubAddress server, IPAddress address);

    [LoggerMessage(
        2303, LogLevel.Warning,
        "STUN server {Server} does not tell the public address ({Error}), {Known}; asked again until it does, nothing else depends on it (--stun-server none turns it off)",
        EventName = "StunFailed")]
    private partial void LogFailed(HubAddress server, string error, string known);

    [LoggerMessage(2304, LogLevel.Debug, "STUN server at {Address}: {Answer}", EventName = "StunAnswer")]
    private partial void LogAnswer(IPAddress address, string answer);
}
