using System.Net;
using System.Net.Sockets;
using System.Text;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Forwarding;

/// <summary>A target that shows every byte it gets, the PROXY header included.</summary>
internal sealed class RawTarget : IDisposable
{
    private readonly Socket _listener;

    public RawTarget(IPAddress? address = null, int backlog = 16)
    {
        _listener = new Socket((address ?? IPAddress.Loopback).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _listener.Listen(backlog);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public async Task<Socket> AcceptAsync() => await _listener.AcceptAsync(Timeouts.Token());

    public static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(read), Timeouts.Token());
            Assert.NotEqual(0, more);
            read += more;
        }

        return bytes;
    }

    public static async Task<string> ReadTextAsync(Socket socket, int count) => Encoding.ASCII.GetString(await ReadAsync(socket, count));

    public static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, Timeouts.Token()) is > 0 and var read)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
