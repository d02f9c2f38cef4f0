using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using RemoteIngress.Protocol.Stun;
using RemoteIngress.Testing.Stun;

namespace RemoteIngress.Edge.Tests.PublicIp;

/// <summary>A UDP socket that gets requests, and answers what the test says and when.</summary>
internal sealed class FakeStunServer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Channel<StunRequest> _requests = Channel.CreateUnbounded<StunRequest>();
    private readonly Task _receiving;

    internal FakeStunServer(IPAddress? address = null, int port = 0)
    {
        address ??= IPAddress.Loopback;
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, port));
        _receiving = ReceiveAsync();
    }

    internal IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>When set, every request gets this at once.</summary>
    internal IPEndPoint? Mapped { get; set; }

    internal ValueTask<StunRequest> NextAsync(CancellationToken token) => _requests.Reader.ReadAsync(token);

    internal bool TryNext(out StunRequest? request) => _requests.Reader.TryRead(out request);

    internal void Send(StunRequest request, byte[] datagram) => _socket.SendTo(datagram, request.From);

    internal void Reply(StunRequest request, string mapped) => Send(request, StunReply.Mapped(request.Id, IPEndPoint.Parse(mapped)));

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
                Assert.Equal(StunBinding.RequestSize, received.ReceivedBytes);
                var request = new StunRequest((IPEndPoint)received.RemoteEndPoint, StunTransactionId.Read(buffer.AsSpan(8)));
                if (Mapped is { } mapped)
                {
                    Send(request, StunReply.Mapped(request.Id, mapped));
                }

                _requests.Writer.TryWrite(request);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _requests.Writer.TryComplete();
        }
    }
}
