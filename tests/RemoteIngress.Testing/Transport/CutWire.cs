using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Testing.Transport;

/// <summary>A TCP connection passed through, which can be cut or stalled in the middle. Takes one connection.</summary>
internal sealed class CutWire : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TcpClient _far = new();
    private TcpClient? _near;
    private volatile bool _isStalled;

    internal CutWire(IPEndPoint to)
    {
        _listener.Start();
        _ = RunAsync(to);
    }

    internal IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>From now on nothing passes, and nobody is told.</summary>
    internal void Stall() => _isStalled = true;

    /// <summary>Ends both connections: with FIN as the kernel does for a killed process, or with RST.</summary>
    internal void Cut(bool reset)
    {
        foreach (var client in new[] { _near!, _far })
        {
            client.LingerState = new LingerOption(reset, 0);
            client.Close();
        }
    }

    public void Dispose()
    {
        _stalled.TrySetResult();
        _near?.Dispose();
        _far.Dispose();
        _listener.Dispose();
    }

    private async Task RunAsync(IPEndPoint to)
    {
        _near = await _listener.AcceptTcpClientAsync();
        await _far.ConnectAsync(to);
        await Task.WhenAll(CopyAsync(_near.GetStream(), _far.GetStream()), CopyAsync(_far.GetStream(), _near.GetStream()));
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count)
            {
                if (_isStalled)
                {
                    await _stalled.Task;
                }

                await to.WriteAsync(buffer.AsMemory(0, count));
            }

            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or SocketException)
        {
            // cut
        }
    }
}
