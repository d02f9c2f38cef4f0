using System.Net.Sockets;
using RemoteIngress.Hub.Registry;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>Why a silo did not start: for the operator to cure, or to be tried again.</summary>
internal static class SiloFailures
{
    /// <summary>What the operator must cure; <see langword="null"/> when another try may help.</summary>
    public static HubStartException? Explain(Exception exception, HubOptions options, SiloPorts ports) =>
        Find<SocketException>(exception)?.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => new HubStartException(PortInUse(options, ports), exception),
            SocketError.AddressNotAvailable =>
                new HubStartException($"--silo-address {options.SiloAddress}: is not an address of this host", exception),
            _ => null,
        };

    /// <summary>Whether Redis, another hub or the network may be to blame, and not a mistake in the program.</summary>
    public static bool IsPassing(Exception exception) =>
        IsRedis(exception) || RegistryFailures.IsUnavailable(exception) || exception is OperationCanceledException
        || exception is AggregateException several && several.InnerExceptions.Any(IsPassing);

    /// <summary>For the log and for /readyz.</summary>
    public static string Describe(Exception exception) =>
        IsRedis(exception) ? RedisLink.Unreachable : $"{exception.GetBaseException().GetType().Name}: {exception.GetBaseException().Message.Split('\n')[0]}";

    /// <summary>Whether a port that was free a moment ago was taken by somebody else.</summary>
    public static bool IsPortTaken(Exception exception) =>
        Find<SocketException>(exception) is { SocketErrorCode: SocketError.AddressAlreadyInUse };

    private static bool IsRedis(Exception exception) => Find<RedisException>(exception) is not null || Find<RedisTimeoutException>(exception) is not null;

    // The exception does not say which of the two it was; a port that was found free or is not used cannot be meant.
    private static string PortInUse(HubOptions options, SiloPorts ports) => (options.SiloPort, options.GatewayPort) switch
    {
        (_, 0) => $"--silo-port: {ports.Silo} is in use by another program; choose another one, or 0 for a free one",
        (0, _) => $"--gateway-port: {ports.Gateway} is in use by another program; choose another one, or 0 for a free one",
        _ => $"--silo-port, --gateway-port: {ports.Silo} or {ports.Gateway} is in use by another program; choose others, or 0 for free ones",
    };

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T cause)
            {
                return cause;
            }

            if (exception is AggregateException aggregate
                && aggregate.InnerExceptions.Select(Find<T>).FirstOrDefault(found => found is not null) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }
}
