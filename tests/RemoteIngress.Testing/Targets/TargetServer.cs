using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Testing.Targets;

/// <summary>
/// A TCP server in the test's process, as hubs forward to: it takes the PROXY header off (v1 or v2, whichever comes; none when
/// told so) and gives the connection to a handler. What handlers throw for a broken connection is theirs to lose.
/// </summary>
public sealed class TargetServer : IAsyncDisposable
{
    private const int MaxHeader = 4096;

    private readonly Socket _listener;
    private readonly Func<TargetConnection, CancellationToken, Task> _handler;
    private readonly bool _expectsHeader;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly ConcurrentBag<ProxyHeader> _headers = [];
    private readonly ConcurrentBag<Exception> _failures = [];
    private int _accepted;
    private int _active;

    public TargetServer(Func<TargetConnection, CancellationToken, Task> handler, bool expectsHeader = true, IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        _handler = handler;
        _expectsHeader = expectsHeader;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address, 0));
        _listener.Listen(4096);
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Connections ever accepted.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int Active => Volatile.Read(ref _active);

    public IReadOnlyCollection<ProxyHeader> Headers => _headers;

    /// <summary>What handlers threw: broken connections, and headers that are none.</summary>
    public IReadOnlyCollection<Exception> Failures => _failures;

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
                var socket = await _listener.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
                _ = ServeAsync(socket, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // disposed
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        Interlocked.Increment(ref _accepted);
        Interlocked.Increment(ref _active);
        try
        {
            using var connection = await OpenAsync(socket, stop);
            await _handler(connection, stop);
        }
        catch (Exception exception)
        {
            _failures.Add(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    private async Task<TargetConnection> OpenAsync(Socket socket, CancellationToken stop)
    {
        if (!_expectsHeader)
        {
            return new TargetConnection(socket, null, default);
        }

        var buffer = new byte[MaxHeader];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            length += read;
            var status = TryRead(buffer.AsSpan(0, length), out var header, out var consumed);
            if (status == ProxyReadStatus.Ok)
            {
                _headers.Add(header!);
                return new TargetConnection(socket, header, buffer.AsMemory(consumed, length - consumed));
            }

            if (status == ProxyReadStatus.Invalid || read == 0)
            {
                socket.Dispose();
                throw new InvalidDataException($"no PROXY header in {length} bytes: {Convert.ToHexString(buffer, 0, Math.Min(length, 64))}");
            }
        }
    }

    private static ProxyReadStatus TryRead(ReadOnlySpan<byte> bytes, out ProxyHeader? header, out int consumed)
    {
        if (bytes.Length > 0 && bytes[0] == (byte)'\r')
        {
            return ProxyV2.TryRead(bytes, out header, out consumed);
        }

        return ProxyV1.TryRead(bytes, out header, out consumed);
    }
}
