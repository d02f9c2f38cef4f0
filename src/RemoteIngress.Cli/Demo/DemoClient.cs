using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemoteIngress.Cli.Demo;

/// <summary>One HTTP request over a socket with a source address of its own, so that the answer proves who was seen.</summary>
internal static class DemoClient
{
    public static async Task<(IPEndPoint From, string Body)> GetAsync(IPAddress source, IPEndPoint server, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(source, 0));
        await socket.ConnectAsync(server, cancellation);
        var from = (IPEndPoint)socket.LocalEndPoint!;
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"), cancellation);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(cancellation);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && end > 0
            ? (from, answer[(end + 4)..].Trim())
            : throw new DemoException($"no HTTP answer came back, but {answer.Length} characters");
    }
}
