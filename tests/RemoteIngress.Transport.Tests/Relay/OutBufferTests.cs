using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Relay;

namespace RemoteIngress.Transport.Tests.Relay;

public sealed class OutBufferTests
{
    [Fact]
    public void AppendAndRemove_AtRandom_KeepsOrderAndBytes()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var buffer = new OutBuffer();
            var usage = new LoopUsage();
            long appended = 0, removed = 0;
            for (var step = 0; step < 500; step++)
            {
                var piece = new byte[random.Next(0, 20_000)];
                Pattern.Fill(seed, appended, piece);
                buffer.Append(piece, usage);
                appended += piece.Length;
                Assert.Equal(appended - removed, buffer.Length);
                Assert.Equal((buffer.Length, buffer.Rented), (usage.BufferedBytes, usage.RentedBytes));
                var count = random.Next(3) == 0 ? buffer.Length : random.Next(0, buffer.Length + 1);
                for (var left = count; left > 0;)
                {
                    Assert.True(Pattern.Mismatch(seed, removed, buffer.First) < 0, $"seed {seed}, step {step}");
                    var part = Math.Min(left, buffer.First.Length);
                    buffer.Remove(part, usage);
                    removed += part;
                    left -= part;
                }
            }

            buffer.Free(usage);
            Assert.True(buffer.IsEmpty);
            Assert.Equal((0, 0), (usage.BufferedBytes, usage.RentedBytes));
        }
    }

    [Fact]
    public void AppendAndRemove_SteadyState_AllocatesNothing()
    {
        var buffer = new OutBuffer();
        var usage = new LoopUsage();
        var piece = new byte[10_000];

        Assert.Equal(0, Allocations.Of(() =>
        {
            buffer.Append(piece, usage);
            buffer.Remove(piece.Length, usage);
        }));
    }

    [Fact]
    public void Append_AWindowInPieces_RentsLittleMoreThanWaits()
    {
        const int Window = 4 * 1024 * 1024;
        var buffer = new OutBuffer();
        var usage = new LoopUsage();
        var piece = new byte[10_000];
        for (var left = Window; left > 0; left -= piece.Length)
        {
            buffer.Append(piece, usage);
        }

        Assert.InRange(buffer.Rented, Window, Window + (2 * 64 * 1024));
        buffer.Remove(buffer.First.Length, usage);
        buffer.Free(usage);
        Assert.Equal(0, buffer.Rented);
        Assert.Equal((0, 0), (usage.BufferedBytes, usage.RentedBytes));
    }
}
