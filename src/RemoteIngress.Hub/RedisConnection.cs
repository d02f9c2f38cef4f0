using StackExchange.Redis;

namespace RemoteIngress.Hub;

/// <summary>Reads the value of <c>--redis</c> and adds the timeouts that a control plane needs.</summary>
internal static class RedisConnection
{
    private const int ReconnectMilliseconds = 500;

    /// <summary>What is wrong with the connection string, or <see langword="null"/>. Never repeats it: it may hold a password.</summary>
    public static string? Check(string connection)
    {
        try
        {
            return ConfigurationOptions.Parse(connection).EndPoints.Count > 0
                ? null
                : "names no server; give HOST:PORT, for example 127.0.0.1:6379";
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return "is not a StackExchange.Redis connection string; give for example 127.0.0.1:6379,password=…";
        }
    }

    /// <summary>A new set of options for each user: Orleans changes what it is given.</summary>
    public static ConfigurationOptions Parse(string connection)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 1000;
        options.SyncTimeout = 1000;
        options.AsyncTimeout = 1000;
        options.ClientName ??= "remoteingress-hub";

        // a call waits for its own timeout and not for the end of an outage: the retries are ours
        options.BacklogPolicy = BacklogPolicy.FailFast;

        // the default waits longer after every attempt, and would notice the end of a long outage late
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds);
        return options;
    }
}
