using StackExchange.Redis;

namespace RemoteIngress.Client;

/// <summary>Reads the connection string and adds the timeouts that a caller with a deadline needs.</summary>
internal static class RedisConnection
{
    private const int ReconnectMilliseconds = 500;

    public static bool IsValid(string? connection)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(connection) && ConfigurationOptions.Parse(connection).EndPoints.Count > 0;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }

    public static ConfigurationOptions Parse(string connection)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.SyncTimeout = 2000;
        options.AsyncTimeout = 2000;

        // the default waits longer after every attempt, and would notice the end of a long outage late
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds);
        options.ClientName ??= "remoteingress-client";
        return options;
    }
}
