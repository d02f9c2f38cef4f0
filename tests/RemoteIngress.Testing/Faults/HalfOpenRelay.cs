using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Testing.Faults;

/// <summary>
/// A TCP relay that can stop forwarding without closing anything, as a router does that forgot its connections: neither bytes nor ends
/// pass, and nobody is told. When it goes on, what waited passes first.
/// </summary>
public sealed class HalfOpenRelay : IAsyncDisposable
{
    private volatile int _targetPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _open = OpenGate();
    private CancellationTokenSource _cut = new();
    private int _accepted;

    public HalfOpenRelay(int targetPort)
    {
        _targetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where new connections go: a test that replaces a process can have the next one ready.</summary>
    public int TargetPort
    {
        get => _targetPort;
        set => _targetPort = value;
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections ever taken, those of a silent time included.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>From now on nothing passes either way, on old connections and on new ones.</summary>
    public void Silence() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Everything passes again.</summary>
    public void Resume() => _open.TrySetResult();

    /// <summary>Resets every connection it has; new ones are taken.</summary>
    public void Cut() => Interlocked.Exchange(ref _cut, new CancellationTokenSource()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private static TaskCompletionSource OpenGate()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gate.SetResult();
        return gate;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                _ = RelayAsync(near, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _cut.Token).Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // disposed
        }
    }

    private async Task RelayAsync(Socket accepted, CancellationToken stop)
    {
        using var near = accepted;
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await _open.Task.WaitAsync(stop);
            await far.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _targetPort), stop);
            await Task.WhenAll(CopyAsync(near, far, stop), CopyAsync(far, near, stop));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // a refused connection and a reset are passed on as a reset
            near.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, stop)) > 0)
            {
                await _open.Task.WaitAsync(stop);
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), stop);
                }
            }

            await _open.Task.WaitAsync(stop);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            await _open.Task.WaitAsync(stop);
            to.LingerState = new LingerOption(true, 0);
            to.Dispose();
        }
    }
}
