using CsCheck;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Protocol.Tests.Frames;

public class FrameHeaderTests
{
    [Fact]
    public void Write_KnownHeader_GoldenBytes()
    {
        var bytes = new byte[FrameHeader.Size];
        new FrameHeader(0x01020304, FrameType.DataBack, 0x0A0B0C0D).Write(bytes);
        Assert.Equal("01020304040A0B0C0D", Convert.ToHexString(bytes));
    }

    [Fact]
    public void Read_UnknownType_KeepsItsNumber()
    {
        var header = FrameHeader.Read(Convert.FromHexString("00000000EE00000001FF"));
        Assert.Equal(new FrameHeader(0, (FrameType)0xEE, 1), header);
    }

    [Fact]
    public void ReadAndWrite_AnyHeader_RoundTrip() =>
        Gen.Select(Gen.UInt, Gen.Byte, Gen.UInt).Sample((stream, type, length) =>
        {
            var header = new FrameHeader(stream, (FrameType)type, length);
            var bytes = new byte[FrameHeader.Size];
            header.Write(bytes);
            return FrameHeader.Read(bytes) == header;
        });

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void ReadAndWrite_ShortBuffer_Throws(int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameHeader.Read(new byte[length]));
        Assert.Throws<ArgumentOutOfRangeException>(() => default(FrameHeader).Write(new byte[length]));
    }

    [Fact]
    public void ReadAndWrite_DoNotAllocate()
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.Size];
        new FrameHeader(1, FrameType.Data, 2).Write(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            FrameHeader.Read(bytes).Write(bytes);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
