using System.Globalization;
using System.Net.Sockets;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>Clients of every kind at once, each at a rate of its own, until they are stopped.</summary>
internal sealed class SoakTraffic(SoakTargets targets, SoakTally tally)
{
    private const int Bulk = 4 * 1024 * 1024;
    private const int Idlers = 20;

    private static readonly string BulkDigest = $"{Bulk} {Pattern.Sha256(Bulk)}";

    /// <summary>Returns after <paramref name="stop"/>, when the last client is gone.</summary>
    internal Task RunAsync(CancellationToken stop) => Task.WhenAll(
    [
        .. Enumerable.Range(0, 8).Select(_ => RepeatAsync("request", 40, RequestAsync, stop)),
        .. Enumerable.Range(0, Idlers).Select(_ => RepeatAsync("idle", 0, IdleAsync, stop)),
        RepeatAsync("upload", 500, UploadAsync, stop),
        RepeatAsync("download", 500, DownloadAsync, stop),
        RepeatAsync("half-close", 50, HalfCloseAsync, stop),
        RepeatAsync("client resets", 100, ResetAsync, stop),
        RepeatAsync("target resets", 100, BrokenTargetAsync, stop),
        RepeatAsync("slow reader", 0, ReadSlowlyAsync, stop),
        RepeatAsync("refused port", 250, TryClosedPortAsync, stop),
    ]);

    private async Task RepeatAsync(string what, int milliseconds, Func<CancellationToken, Task> operation, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(1, milliseconds)));
        try
        {
            while (await tally.CountAsync(what, () => operation(stop), stop))
            {
                await pace.WaitForNextTickAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // told to stop
        }
    }

    private async Task RequestAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Http.Port, stop);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\r\n", stop);
        var answer = await client.ReceiveToEndAsync(stop);
        Expect(answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && answer.EndsWith("xxxx", StringComparison.Ordinal), answer);
    }

    private async Task IdleAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Echo.Port, stop);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(Random.Shared.Next(500, 8000)));
        for (var i = 0; i < 5; i++)
        {
            await client.EchoAsync("still here", stop);
            await pace.WaitForNextTickAsync(stop);
        }
    }

    private async Task UploadAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Digest.Port, stop);
        var pattern = new Pattern(Bulk);
        while (pattern.Next() is { IsEmpty: false } block)
        {
            await client.SendAsync(block, stop);
        }

        client.EndWriting();
        var answer = await client.ReceiveToEndAsync(stop);
        Expect(answer == BulkDigest, answer);
    }

    private async Task DownloadAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Source.Port, stop);
        await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{Bulk}\n"), stop);
        var answer = await client.DigestToEndAsync(stop);
        Expect(answer == BulkDigest, answer);
    }

    private async Task HalfCloseAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Digest.Port, stop);
        await client.SendAsync("some bytes", stop);
        client.EndWriting();
        var answer = await client.ReceiveToEndAsync(stop);
        Expect(answer.StartsWith("10 ", StringComparison.Ordinal), answer);
    }

    private async Task ResetAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Source.Port, stop);
        await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{Bulk}\n"), stop);
        var read = await client.ReceiveAsync(new byte[64 * 1024], stop);
        Expect(read > 0, "ended before it began");
        client.Abort();
    }

    private async Task BrokenTargetAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Breaking.Port, stop);
        await client.SendAsync("go", stop);
        var buffer = new byte[64 * 1024];
        try
        {
            while (await client.ReceiveAsync(buffer, stop) > 0)
            {
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return;
        }

        throw new InvalidDataException("the target's reset arrived as an orderly end");
    }

    private async Task ReadSlowlyAsync(CancellationToken stop)
    {
        using var client = await TestClient.ConnectAsync(targets.Source.Port, stop);
        await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{4 * Bulk}\n"), stop);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var buffer = new byte[16 * 1024];
        for (var i = 0; i < 500 && await client.ReceiveAsync(buffer, stop) > 0; i++)
        {
            await pace.WaitForNextTickAsync(stop);
        }

        client.Abort();
    }

    // is there or is not: nobody may be hurt by trying
    private async Task TryClosedPortAsync(CancellationToken stop)
    {
        try
        {
            using var client = await TestClient.ConnectAsync(targets.Sometimes.Port, stop);
            await client.EchoAsync("hello", stop);
        }
        catch (Exception exception) when (exception is SocketException or EndOfStreamException)
        {
            // the port went away
        }
    }

    private static void Expect(bool condition, string seen)
    {
        if (!condition)
        {
            throw new InvalidDataException($"not what was asked for: '{(seen.Length > 80 ? seen[..80] : seen)}'");
        }
    }
}
