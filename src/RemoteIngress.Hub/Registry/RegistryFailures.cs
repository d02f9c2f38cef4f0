using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

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
}
