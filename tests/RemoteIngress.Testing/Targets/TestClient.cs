using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing.Targets;

/// <summary>A client of a public port.</summary>
public sealed class TestClient : IDisposable
{
    private readonly Socket _socket;

    private TestClient(Socket socket) => _socket = socket;

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public static async Task<TestClient> ConnectAsync(
        IPAddress server, int port, CancellationToken cancellation, IPAddress? source = null, NetworkNamespace? network = null)
    {
        var socket = NetworkNamespace.RunIn(network, () => new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            if (source is not null)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(server, port, cancellation);
            return new TestClient(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Task<TestClient> ConnectAsync(int port, CancellationToken cancellation) => ConnectAsync(IPAddress.Loopback, port, cancellation);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
        }
    }

    public Task SendAsync(string text, CancellationToken cancellation) => SendAsync(Encoding.ASCII.GetBytes(text), cancellation);

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) => _socket.ReceiveAsync(buffer, cancellation);

    /// <summary>Waits until there is something to read, and leaves it there.</summary>
    public async Task WaitForDataAsync(CancellationToken cancellation) =>
        await _socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellation);

    /// <summary>Fills the buffer.</summary>
    public async Task ReceiveExactlyAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await _socket.ReceiveAsync(buffer[length..], cancellation);
            if (read == 0)
            {
                throw new EndOfStreamException($"the connection ended after {length} of {buffer.Length} bytes");
            }

            length += read;
        }
    }

    public async Task<string> ReceiveExactlyAsync(int count, CancellationToken cancellation)
    {
        var buffer = new byte[count];
        await ReceiveExactlyAsync(buffer, cancellation);
        return Encoding.ASCII.GetString(buffer);
    }

    /// <summary>Everything up to the server's end; this side stays open.</summary>
    public async Task<string> ReceiveToEndAsync(CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int read;
        while ((read = await _socket.ReceiveAsync(buffer, cancellation)) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    /// <summary>Number and SHA-256 of all bytes up to the end.</summary>
    public async Task<string> DigestToEndAsync(CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        long length = 0;
        int read;
        while ((read = await _socket.ReceiveAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            length += read;
        }

        return $"{length} {Convert.ToHexString(hash.GetHashAndReset())}";
    }

    /// <summary>Sends a text and waits until exactly it comes back.</summary>
    public async Task EchoAsync(string text, CancellationToken cancellation)
    {
        await SendAsync(text, cancellation);
        var answer = await ReceiveExactlyAsync(text.Length, cancellation);
        if (answer != text)
        {
            throw new InvalidDataException($"sent '{text}', got '{answer}'");
        }
    }

    public void EndWriting() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
