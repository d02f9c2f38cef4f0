using System.Net;
using System.Net.Sockets;

namespace EmbeddingSample;

/// <summary>The target: says hello to whoever connects, and ends.</summary>
internal sealed class HelloServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    internal HelloServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    internal IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>A client of a public port: what it is answered.</summary>
    internal static async Task<string> AskAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("hello from behind the tunnel"u8.ToArray());
        }
    }
}
