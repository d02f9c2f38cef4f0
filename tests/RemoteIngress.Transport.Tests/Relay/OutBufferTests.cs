using RemoteIngress.Testing.Transport;
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
            long appended = 0, removed = 0;
            for (var step = 0; step < 500; step++)
            {
                var piece = new byte[random.Next(0, 20_000)];
                Pattern.Fill(seed, appended, piece);
                buffer.Append(piece);
                appended += piece.Length;
                Assert.Equal(appended - removed, buffer.Length);
                var count = random.Next(3) == 0 ? buffer.Length : random.Next(0, buffer.Length + 1);
                for (var left = count; left > 0;)
                {
                    Assert.True(Pattern.Mismatch(seed, removed, buffer.First) < 0, $"seed {seed}, step {step}");
                    var part = Math.Min(left, buffer.First.Length);
                    buffer.Remove(part);
                    removed += part;
                    left -= part;
                }
            }

            buffer.Free();
            Assert.True(buffer.IsEmpty);
        }
    }

    [Fact]
    public void AppendAndRemove_SteadyState_AllocatesNothing()
    {
        var buffer = new OutBuffer();
        var piece = new byte[10_000];

        Assert.Equal(0, Allocations.Of(() =>
        {
            buffer.Append(piece);
            buffer.Remove(piece.Length);
        }));
    }

    [Fact]
    public void Append_AWindowInPieces_RentsLittleMoreThanWaits()
    {
        const int Window = 4 * 1024 * 1024;
        var buffer = new OutBuffer();
        var piece = new byte[10_000];
        for (var left = Window; left > 0; left -= piece.Length)
        {
            buffer.Append(piece);
        }

        Assert.InRange(buffer.Rented, Window, Window + (2 * 64 * 1024));
        buffer.Remove(buffer.First.Length);
        buffer.Free();
        Assert.Equal(0, buffer.Rented);
    }
}
