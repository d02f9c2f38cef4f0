using System.Net;
using System.Net.Sockets;
using RemoteIngress.Hub.Limits;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Bounds how many connections may be on the way to becoming tunnels, in all and for each address, so that strangers can use up neither
/// memory nor the place of real edges. An IPv6 client counts by its /64, which is what one customer has. Thread-safe; entered
/// and left once for each tunnel.
/// </summary>
internal sealed class Admission(int maxTotal = Admission.DefaultTotal, int maxPerAddress = Admission.DefaultPerAddress)
{
    /// <summary>Unauthenticated connections in all.</summary>
    internal const int DefaultTotal = 512;

    /// <summary>Unauthenticated connections of one address.</summary>
    internal const int DefaultPerAddress = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];

    internal int Total { get; private set; }

    /// <summary>Counts one more; when there is no place, the bound that was met.</summary>
    internal HubLimit? TryEnter(IPAddress address)
    {
        var key = NetworkOf(address);
        lock (_lock)
        {
            var count = _byAddress.GetValueOrDefault(key);

            // The address first: while one stranger holds all that it may, it is this that its operator should see.
            if (count >= maxPerAddress)
            {
                return HubLimit.UnauthenticatedPerAddress;
            }

            if (Total >= maxTotal)
            {
                return HubLimit.Unauthenticated;
            }

            Total++;
            _byAddress[key] = count + 1;
            return null;
        }
    }

    /// <summary>One of them was authenticated, or is gone.</summary>
    internal void Leave(IPAddress address)
    {
        var key = NetworkOf(address);
        lock (_lock)
        {
            Total--;
            if (--_byAddress[key] == 0)
            {
                _byAddress.Remove(key);
            }
        }
    }

    /// <summary>What one customer has: an IPv4 address, or an IPv6 /64.</summary>
    internal static IPAddress NetworkOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
