namespace RemoteIngress.Testing.Targets;

/// <summary>One long connection to an echo, compared byte by byte all the while: what must not notice a fault beside it.</summary>
public sealed class SteadyTransfer : IAsyncDisposable
{
    private const int Size = 64 * 1024;

    private readonly TestClient _client;
    private readonly CancellationTokenSource _stop;
    private readonly Task _running;
    private long _bytes;

    private SteadyTransfer(TestClient client, CancellationToken cancellation)
    {
        _client = client;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _running = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Bytes that came back right so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Begins it, and waits for the first bytes.</summary>
    public static async Task<SteadyTransfer> StartAsync(int port, CancellationToken cancellation)
    {
        var transfer = new SteadyTransfer(await TestClient.ConnectAsync(port, cancellation), cancellation);
        await transfer.GoesOnAsync("at the start", cancellation);
        return transfer;
    }

    /// <summary>Waits until it has moved on from where it is; fails with what stopped it.</summary>
    public async Task GoesOnAsync(string when, CancellationToken cancellation)
    {
        var from = Bytes;
        await Poll.UntilAsync($"the transfer goes on {when}", () => Bytes >= from + Size || _running.IsCompleted, cancellation);
        if (_running.IsCompleted)
        {
            throw new InvalidOperationException($"the transfer ended {when}: {_running.Exception?.InnerException?.Message}", _running.Exception?.InnerException);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        var random = new Random(20261122);
        var block = new byte[Size];
        var back = new byte[Size];
        while (true)
        {
            random.NextBytes(block);
            var send = _client.SendAsync(block, cancellation);
            await _client.ReceiveExactlyAsync(back, cancellation);
            await send;
            if (!block.AsSpan().SequenceEqual(back))
            {
                throw new InvalidDataException($"other bytes came back after {Bytes}");
            }

            Volatile.Write(ref _bytes, _bytes + Size);
        }
    }
}
