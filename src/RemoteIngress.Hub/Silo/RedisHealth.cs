using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Knows whether Redis answers, by a connection of its own: grains that are warm do not ask it, and the status must not wait for
/// the first one that does.
/// </summary>
internal sealed partial class RedisHealth : IAsyncDisposable
{
    public const string Unreachable = "--redis: the server does not answer; check that it runs, its address and its password";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly ConnectionMultiplexer _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile bool _healthy = true;

    private RedisHealth(ConnectionMultiplexer connection, TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _time = time;
        _logger = logger;
    }

    public bool IsHealthy => _healthy && _connection.IsConnected;

    /// <summary>Throws <see cref="HubStartException"/> when the server does not answer within its timeouts.</summary>
    public static async Task<RedisHealth> ConnectAsync(ConfigurationOptions options, TimeProvider time, ILogger logger)
    {
        ConnectionMultiplexer? connection = null;
        try
        {
            connection = await ConnectionMultiplexer.ConnectAsync(options);
            await connection.GetDatabase().PingAsync();
            return new RedisHealth(connection, time, logger);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            throw new HubStartException(Unreachable, e);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Period, _time, cancellationToken);
            try
            {
                await _connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
                Set(healthy: true, string.Empty);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                Set(healthy: false, e.GetType().Name);
            }
        }
    }

    private void Set(bool healthy, string reason)
    {
        if (healthy == _healthy)
        {
            return;
        }

        _healthy = healthy;
        if (healthy)
        {
            LogBack();
        }
        else
        {
            LogAway(reason);
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [LoggerMessage(3240, LogLevel.Warning, "Redis does not answer ({Reason}): edges that are known here are served, the registry cannot be changed", EventName = "RedisAway")]
    private partial void LogAway(string reason);

    [LoggerMessage(3241, LogLevel.Information, "Redis answers again", EventName = "RedisBack")]
    private partial void LogBack();
}
