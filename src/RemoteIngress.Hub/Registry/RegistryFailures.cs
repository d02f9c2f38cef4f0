using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace RemoteIngress.Hub.Registry;

/// <summary>Tells "the registry cannot be asked" from a mistake in the program.</summary>
internal static class RegistryFailures
{
    /// <summary>
    /// Everything that Orleans throws when a silo, its connections or the storage behind it fail (rejections, "Error from storage
    /// provider", conflicts), and what lies below.
    /// </summary>
    public static bool IsUnavailable(Exception exception) =>
        exception is OrleansException or TimeoutException or ConnectionAbortedException or SocketException or IOException
            or StackExchange.Redis.RedisException or ObjectDisposedException
        || exception.GetType().Namespace?.StartsWith("Orleans.", StringComparison.Ordinal) == true;

    /// <summary>A silo on the way did not answer; what it would have asked of its storage is not known.</summary>
    public static bool IsOfASilo(Exception exception) =>
        exception is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or ConnectionAbortedException;
}
