using System.Text;
using CsCheck;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Protocol.Tests.ProxyProtocol;

public class Crc32CTests
{
    [Fact]
    public void Compute_CheckValue() => Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void Compute_VectorsOfRfc3720()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Fact]
    public void Append_AnySplit_IsTheWhole() =>
        Gen.Select(Gen.Byte.Array[0, 70], Gen.Byte.Array[0, 70]).Sample((head, tail) =>
            Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Seed, head), tail)) == Crc32C.Compute([.. head, .. tail]));
}
