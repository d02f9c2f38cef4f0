using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Testing.Targets;

/// <summary>What a <see cref="UdpTarget"/> got in one datagram.</summary>
/// <param name="From">The hub's side of the session.</param>
/// <param name="Header">The PROXY header at its start; null without one.</param>
/// <param name="Payload">What came behind it.</param>
public sealed record UdpArrival(IPEndPoint From, ProxyHeader? Header, byte[] Payload);

/// <summary>A UDP server in the test's process, as hubs forward to: it notes every datagram and sends back those that are not a header alone.</summary>
public sealed class UdpTarget : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly bool _keeps;

    /// <param name="keeps">Notes what arrives; else it only answers.</param>
    /// <param name="port">0 for a free one.</param>
    public UdpTarget(bool keeps = true, int port = 0)
    {
        _keeps = keeps;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 << 20 };
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public ConcurrentQueue<UdpArrival> Arrivals { get; } = new();

    /// <summary>The headers, in the order in which they came.</summary>
    public IEnumerable<ProxyHeader> Headers => Arrivals.Select(static arrival => arrival.Header).OfType<ProxyHeader>();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[65_536];
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var arrival = Read((IPEndPoint)result.RemoteEndPoint, buffer.AsSpan(0, result.ReceivedBytes));
                if (_keeps)
                {
                    Arrivals.Enqueue(arrival);
                }

                if (arrival.Header is null || arrival.Payload.Length > 0)
                {
                    await _socket.SendToAsync(arrival.Payload, arrival.From, _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // disposed
        }
    }

    private static UdpArrival Read(IPEndPoint from, ReadOnlySpan<byte> datagram) =>
        ProxyV2.TryRead(datagram, out var header, out var consumed) == ProxyReadStatus.Ok
            ? new UdpArrival(from, header, datagram[consumed..].ToArray())
            : new UdpArrival(from, null, datagram.ToArray());
}
