using System.Net.Sockets;

namespace RemoteIngress.Edge.Firewall;

/// <summary>
/// Says whose the table is. A name in the abstract namespace of Unix sockets: it is seen exactly where the table is (one network namespace),
/// and it ends with the process, however that ends.
/// </summary>
/// <param name="name">What edges in one network namespace agree on; a test has its own.</param>
internal sealed class TableLock(string name = "remoteingress/firewall") : IDisposable
{
    private Socket? _socket;

    /// <summary>False while another edge has it.</summary>
    internal bool TryAcquire()
    {
        if (_socket is not null)
        {
            return true;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
            _socket = socket;
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }

    internal void Release()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose() => Release();
}
