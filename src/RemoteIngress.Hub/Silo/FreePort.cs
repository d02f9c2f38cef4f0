using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Finds a port that nobody has right now. Orleans must know its port before it binds, so there is a moment in which another program
/// may take it: whoever uses this tries again with another one.
/// </summary>
internal static class FreePort
{
    public static int Find(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
