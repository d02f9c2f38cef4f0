using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// The hub's own connection to Redis, beside those of Orleans. Knows whether Redis answers: grains that are warm do not ask it, and the status
/// must not wait for the first one that does.
/// </summary>
internal sealed partial class RedisLink : IAsyncDisposable
{
    public const string Unreachable = "--redis: the server does not answer; check that it runs, its address and its password";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly ConnectionMultiplexer _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _restored;
    private volatile bool _healthy;

    private RedisLink(ConnectionMultiplexer connection, Action restored, TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _restored = restored;
        _time = time;
        _logger = logger;
    }

    public bool IsHealthy => _healthy && _connection.IsConnected;

    public IDatabase Database => _connection.GetDatabase();

    /// <summary>Connects, or goes on trying when Redis does not answer within its timeouts.</summary>
    /// <param name="options">Where.</param>
    /// <param name="restored">Called when a connection that was lost is there again: Redis may have lost data meanwhile. Must not block.</param>
    /// <param name="time">Source of time.</param>
    /// <param name="logger">Told when Redis goes and comes.</param>
    public static async Task<RedisLink> OpenAsync(ConfigurationOptions options, Action restored, TimeProvider time, ILogger logger)
    {
        var link = new RedisLink(await ConnectionMultiplexer.ConnectAsync(options), restored, time, logger);
        link._connection.ConnectionRestored += link.OnRestored;
        link._healthy = await link.AnswersAsync(CancellationToken.None) is null;
        return link;
    }

    /// <summary>Throws what Redis fails of, when it does.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken) => await Database.PingAsync().WaitAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Period, _time, cancellationToken);
            Set(await AnswersAsync(cancellationToken));
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // Null, or why it does not.
    private async Task<string?> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return e.GetType().Name;
        }
    }

    private void Set(string? failure)
    {
        var healthy = failure is null;
        if (healthy == _healthy)
        {
            return;
        }

        _healthy = healthy;
        if (healthy)
        {
            LogBack();
            _restored();
        }
        else
        {
            LogAway(failure!);
        }
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs e) => _restored();

    [LoggerMessage(3240, LogLevel.Warning, "Redis does not answer ({Reason}): edges that are known here are served, the registry cannot be changed", EventName = "RedisAway")]
    private partial void LogAway(string reason);

    [LoggerMessage(3241, LogLevel.Information, "Redis answers again", EventName = "RedisBack")]
    private partial void LogBack();
}
