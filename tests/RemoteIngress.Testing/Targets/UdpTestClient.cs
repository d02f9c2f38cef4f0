using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Testing.Targets;

/// <summary>A client of a public UDP port.</summary>
public sealed class UdpTestClient : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65_536];

    public UdpTestClient(int port, string from = "127.0.0.1")
        : this(new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.Parse(from), 0))
    {
    }

    public UdpTestClient(IPEndPoint to, IPEndPoint? from = null)
    {
        _socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (from is not null)
        {
            _socket.Bind(from);
        }

        _socket.Connect(to);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public async Task SendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellation) => await _socket.SendAsync(payload, cancellation);

    public async Task<byte[]> ReceiveAsync(CancellationToken cancellation) => _buffer[..await _socket.ReceiveAsync(_buffer, cancellation)];

    /// <summary>Sends and waits for the same bytes. Loopback loses nothing, so nothing is sent twice.</summary>
    public async Task EchoAsync(byte[] payload, CancellationToken cancellation)
    {
        await SendAsync(payload, cancellation);
        var answer = await ReceiveAsync(cancellation);
        if (!answer.AsSpan().SequenceEqual(payload))
        {
            throw new InvalidDataException($"{payload.Length} bytes came back as {answer.Length} others");
        }
    }

    /// <summary>Sends the same datagram until one comes back: some were lost on the way, as the test wants it.</summary>
    public Task EchoUntilAnsweredAsync(byte[] payload, CancellationToken cancellation) => Poll.UntilAsync(
        "a datagram is answered",
        async token =>
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(token);
            soon.CancelAfter(TimeSpan.FromMilliseconds(200));
            try
            {
                await SendAsync(payload, soon.Token);

                // what was sent before may have been answered late
                while (!(await ReceiveAsync(soon.Token)).AsSpan().SequenceEqual(payload))
                {
                }

                return true;
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return false;
            }
            catch (SocketException)
            {
                // ICMP: the edge's port is not there at the moment
                return false;
            }
        },
        cancellation);

    public void Dispose() => _socket.Dispose();
}
