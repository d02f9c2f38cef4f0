using System.Net;
using System.Net.Sockets;
using System.Text;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Cli.Demo;

/// <summary>
/// The smallest web server that shows the point: it takes the PROXY header off the front of each connection and answers with the
/// address in it. One request a connection.
/// </summary>
internal sealed class WebTarget : IAsyncDisposable
{
    private const int MaxHead = 16 * 1024;
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public WebTarget()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the demo is over
        }
    }

    private static async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        using var owned = client;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(HeadTimeout);
        try
        {
            var stream = client.GetStream();
            var header = await ReadHeadAsync(stream, deadline.Token);
            var body = Encoding.UTF8.GetBytes(header?.Source is { } source
                ? $"Hello from behind the tunnel. You are {source}, and you came to {header.Destination}.\n"
                : "Hello from behind the tunnel. There was no PROXY header, so who you are is not known here.\n");
            var head = $"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), deadline.Token);
            await stream.WriteAsync(body, deadline.Token);
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // a client that goes away costs nobody but itself
        }
    }

    /// <summary>Reads up to the end of the request's head; null when there was no PROXY header in front of it.</summary>
    private static async Task<ProxyHeader?> ReadHeadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var buffer = new byte[MaxHead];
        var length = 0;
        while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = length == MaxHead ? 0 : await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
            {
                throw new IOException("no request");
            }

            length += read;
        }

        return ProxyV1.TryRead(buffer.AsSpan(0, length), out var header, out _) == ProxyReadStatus.Ok ? header : null;
    }
}
