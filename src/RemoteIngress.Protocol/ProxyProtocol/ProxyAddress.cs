using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>Addresses as bytes, without allocating. IPv4-mapped IPv6 counts as IPv4.</summary>
internal static class ProxyAddress
{
    public const int IPv4Size = 4;
    public const int IPv6Size = 16;

    public static bool AreIPv4(IPEndPoint source, IPEndPoint destination) => IsIPv4(source.Address) && IsIPv4(destination.Address);

    public static void WriteIPv4(IPAddress address, Span<byte> buffer)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(buffer[..IPv4Size], out _);
            return;
        }

        Span<byte> mapped = stackalloc byte[IPv6Size];
        address.TryWriteBytes(mapped, out _);
        mapped[^IPv4Size..].CopyTo(buffer);
    }

    public static void WriteIPv6(IPAddress address, Span<byte> buffer)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            address.TryWriteBytes(buffer[..IPv6Size], out _);
            return;
        }

        buffer[..10].Clear();
        buffer[10..12].Fill(0xFF);
        address.TryWriteBytes(buffer[12..IPv6Size], out _);
    }

    public static void ThrowIfNotIP(IPEndPoint endPoint, string name)
    {
        ArgumentNullException.ThrowIfNull(endPoint, name);
        if (endPoint.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            throw new ArgumentException("Only IPv4 and IPv6 addresses can be written.", name);
        }
    }

    private static bool IsIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;
}
