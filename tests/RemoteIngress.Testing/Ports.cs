using System.Net;
using System.Net.Sockets;
using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing;

/// <summary>
/// Port numbers for processes that must be told one. They lie below the range from which the kernel takes the source ports of
/// outgoing connections, so that a load test cannot take one between the choice and the bind.
/// </summary>
public static class Ports
{
    private const int First = 15_000;
    private const int Last = 32_000;
    private static readonly Lock Gate = new();
    private static int _next = Random.Shared.Next(First, Last);

    public static int Free()
    {
        lock (Gate)
        {
            for (var attempt = First; attempt <= Last; attempt++)
            {
                _next = _next >= Last ? First : _next + 1;
                if (IsFree(_next))
                {
                    return _next;
                }
            }
        }

        throw new InvalidOperationException($"No free port between {First} and {Last}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            using var datagrams = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
            datagrams.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Whether something accepts on this port of loopback right now.</summary>
    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancellation, NetworkNamespace? network = null)
    {
        using var socket = NetworkNamespace.RunIn(network, static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
