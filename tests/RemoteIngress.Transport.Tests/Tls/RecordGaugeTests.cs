using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tests.Tls;

public sealed class RecordGaugeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Records_InPiecesOfAnySize_PassUpToTheFirstThatIsTooLong(int piece)
    {
        byte[] fine = [.. Record(0), .. Record(1), .. Record(RecordGauge.MaxLength), .. Record(300)];
        var gauge = new RecordGauge();

        Assert.True(Pass(ref gauge, fine, piece));
        Assert.True(Pass(ref gauge, fine, piece));
        Assert.False(Pass(ref gauge, [.. fine, .. Record(RecordGauge.MaxLength + 1)], piece));
    }

    private static bool Pass(ref RecordGauge gauge, byte[] bytes, int piece)
    {
        for (var start = 0; start < bytes.Length; start += piece)
        {
            if (!gauge.TryPass(bytes.AsSpan(start, Math.Min(piece, bytes.Length - start))))
            {
                return false;
            }
        }

        return true;
    }

    // the payload looks like headers of records that are too long: only its length may matter
    private static byte[] Record(int length)
    {
        var record = new byte[5 + length];
        record.AsSpan().Fill(0xFF);
        (record[0], record[1], record[2], record[3], record[4]) = (0x17, 3, 3, (byte)(length >> 8), (byte)length);
        return record;
    }
}
