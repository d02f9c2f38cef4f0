using System.Diagnostics;
using System.Net;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>A download that takes a set time because its client reads no faster, and that is compared byte by byte.</summary>
internal static class PacedDownload
{
    private const int Portions = 100;

    /// <summary>Returns how long it took; throws when it broke off or was not what the target sent.</summary>
    public static async Task<TimeSpan> RunAsync(NetworkNamespace network, IPEndPoint port, long length, TimeSpan duration, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var client = await TestClient.ConnectAsync(port.Address, port.Port, cancellation, network: network);
        await client.SendAsync($"{length}\n", cancellation);
        var pattern = new Pattern(length);
        var expected = ReadOnlyMemory<byte>.Empty;
        var buffer = new byte[length / Portions];
        for (var portion = 0; portion < Portions; portion++)
        {
            // the pace is what this is about
            if (duration * portion / Portions is var due && due > clock.Elapsed)
            {
                await Task.Delay(due - clock.Elapsed, cancellation);
            }

            var count = portion < Portions - 1 ? buffer.Length : (int)(length - ((long)buffer.Length * portion));
            buffer = buffer.Length < count ? new byte[count] : buffer;
            await client.ReceiveExactlyAsync(buffer.AsMemory(0, count), cancellation);
            for (var read = 0; read < count;)
            {
                expected = expected.IsEmpty ? pattern.Next() : expected;
                var same = Math.Min(expected.Length, count - read);
                Assert.True(expected.Span[..same].SequenceEqual(buffer.AsSpan(read, same)), $"other bytes in portion {portion}");
                expected = expected[same..];
                read += same;
            }
        }

        Assert.Equal("", await client.ReceiveToEndAsync(cancellation));
        return clock.Elapsed;
    }
}
