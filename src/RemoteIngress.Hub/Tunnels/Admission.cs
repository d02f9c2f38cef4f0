using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Bounds how many connections may be on the way to becoming tunnels, in all and for each address, so that strangers can use up neither
/// memory nor the place of real edges. An IPv6 client counts by its /64, which is what one customer has. Not thread-safe.
/// </summary>
internal sealed class Admission(int maxTotal = Admission.DefaultTotal, int maxPerAddress = Admission.DefaultPerAddress)
{
    /// <summary>Unauthenticated connections in all.</summary>
    internal const int DefaultTotal = 512;

    /// <summary>Unauthenticated connections of one address.</summary>
    internal const int DefaultPerAddress = 32;

    private readonly Dictionary<IPAddress, int> _byAddress = [];

    internal int Total { get; private set; }

    /// <summary>Counts one more; false when there is no place.</summary>
    internal bool TryEnter(IPAddress address)
    {
        var key = NetworkOf(address);
        var count = _byAddress.GetValueOrDefault(key);
        if (Total >= maxTotal || count >= maxPerAddress)
        {
            return false;
        }

        Total++;
        _byAddress[key] = count + 1;
        return true;
    }

    /// <summary>One of them was authenticated, or is gone.</summary>
    internal void Leave(IPAddress address)
    {
        var key = NetworkOf(address);
        Total--;
        if (--_byAddress[key] == 0)
        {
            _byAddress.Remove(key);
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
