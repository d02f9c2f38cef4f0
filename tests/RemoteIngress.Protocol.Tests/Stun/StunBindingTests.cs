using System.Net;
using CsCheck;
using RemoteIngress.Protocol.Stun;
using RemoteIngress.Testing.Stun;

namespace RemoteIngress.Protocol.Tests.Stun;

public class StunBindingTests
{
    // RFC 5769, sections 2.2 and 2.3
    private const string IPv4Vector =
        "0101003C2112A442B7E7A701BC34D686FA87DFAE" + "8022000B7465737420766563746F7220" + "002000080001A147E112A643"
        + "000800142B91F599FD9E90C38C7489F92AF9BA53F06BE7D7" + "80280004C07D4C96";

    private const string IPv6Vector =
        "010100482112A442B7E7A701BC34D686FA87DFAE" + "8022000B7465737420766563746F7220" + "002000140002A1470113A9FAA5D3F179BC25F4B5BED2B9D9"
        + "00080014A382954E4BE67BF11784C97C8292C275BFE3ED41" + "80280004C8FB0B4C";

    private static readonly StunTransactionId VectorId = new(0xB7E7A701, 0xBC34D686FA87DFAE);
    private static readonly StunTransactionId Id = new(0x01020304, 0x05060708090A0B0C);
    private static readonly IPEndPoint Mapped4 = IPEndPoint.Parse("192.0.2.1:32853");
    private static readonly IPEndPoint Mapped6 = IPEndPoint.Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853");

    [Fact]
    public void Request_GoldenBytes()
    {
        var bytes = new byte[StunBinding.RequestSize];
        StunBinding.WriteRequest(bytes, Id);
        Assert.Equal("000100002112A4420102030405060708090A0B0C", Convert.ToHexString(bytes));
    }

    [Theory]
    [InlineData(IPv4Vector, "192.0.2.1:32853")]
    [InlineData(IPv6Vector, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    public void Response_VectorsOfRfc5769_AreRead(string hex, string expected) =>
        Assert.Equal(IPEndPoint.Parse(expected), Read(Convert.FromHexString(hex), VectorId).Mapped);

    [Theory]
    [InlineData(IPv4Vector)]
    [InlineData(IPv6Vector)]
    public void Response_EveryTruncation_IsMalformed(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Equal(StunReadStatus.Malformed, Status(bytes[..length], VectorId)));
        Assert.Equal(StunReadStatus.Malformed, Status([.. bytes, 0], VectorId));
        Assert.Equal(StunReadStatus.Malformed, Status([.. bytes, 0, 0, 0, 0], VectorId));
    }

    [Fact]
    public void Response_EveryBitOfAVectorFlipped_IsDiscarded()
    {
        var bytes = Convert.FromHexString(IPv4Vector);
        var (typeOfFingerprint, behindIt) = ((bytes.Length - 8) * 8, (bytes.Length - 6) * 8); // a message without one is a message, too
        for (var bit = 0; bit < bytes.Length * 8; bit = bit + 1 == typeOfFingerprint ? behindIt : bit + 1)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(
                Status(bytes, VectorId) is StunReadStatus.Malformed or StunReadStatus.OtherTransaction or StunReadStatus.BadFingerprint,
                $"bit {bit}: {Status(bytes, VectorId)}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Response_OtherId_IsNotOurs() =>
        Assert.Equal(StunReadStatus.OtherTransaction, Status(StunReply.Mapped(VectorId, Mapped4), Id));

    [Fact]
    public void Response_MappedAddressAlone_IsTheFallback()
    {
        Assert.Equal(Mapped4, Read(StunReply.Success(Id).PlainMapped(Mapped4).ToArray(), Id).Mapped);
        Assert.Equal(Mapped6, Read(StunReply.Success(Id).PlainMapped(Mapped6).XorMapped(Mapped6).ToArray(), Id).Mapped);
    }

    [Fact]
    public void Response_BothAddresses_TheXorFormCounts()
    {
        var rewritten = IPEndPoint.Parse("10.0.0.1:1");
        Assert.Equal(Mapped4, Read(StunReply.Success(Id).PlainMapped(rewritten).XorMapped(Mapped4).ToArray(), Id).Mapped);
    }

    [Fact]
    public void Response_TwoOfAKind_TheFirstCounts()
    {
        var bytes = StunReply.Success(Id).XorMapped(Mapped4).XorMapped(Mapped6).Attribute(0x0020, 1, 2, 3).ToArray();
        Assert.Equal(Mapped4, Read(bytes, Id).Mapped);
    }

    [Fact]
    public void Response_BehindMessageIntegrity_NothingCounts()
    {
        var bytes = StunReply.Success(Id).PlainMapped(Mapped4).Attribute(0x0008, new byte[20]).XorMapped(Mapped6).Attribute(0x0030, 1).Fingerprint().ToArray();
        Assert.Equal(Mapped4, Read(bytes, Id).Mapped);
    }

    [Theory]
    [InlineData(0x0008, 20, true)]
    [InlineData(0x0008, 24, false)]
    [InlineData(0x001C, 16, true)]
    [InlineData(0x001C, 32, true)]
    [InlineData(0x001C, 12, false)]
    [InlineData(0x001C, 18, false)]
    [InlineData(0x001C, 36, false)]
    public void Response_MessageIntegrity_HasALengthOfItsOwn(int type, int length, bool isOk) =>
        Assert.Equal(
            isOk ? StunReadStatus.Ok : StunReadStatus.Malformed,
            Status(StunReply.Success(Id).XorMapped(Mapped4).Attribute((ushort)type, new byte[length]).ToArray(), Id));

    [Theory]
    [InlineData(0x0002, true)]
    [InlineData(0x0004, true)]
    [InlineData(0x0005, true)]
    [InlineData(0x8022, true)]
    [InlineData(0xFFFF, true)]
    [InlineData(0x0000, false)]
    [InlineData(0x0012, false)]
    [InlineData(0x0024, false)]
    [InlineData(0x7FFF, false)]
    public void Response_AnAttributeMore_IsReadOverWhenItMayBe(int type, bool isOk)
    {
        var expected = isOk ? StunReadStatus.Ok : StunReadStatus.NotUnderstood;
        Assert.Equal(expected, Status(StunReply.Success(Id).Attribute((ushort)type, 1, 2, 3, 4, 5).XorMapped(Mapped4).ToArray(), Id));
        Assert.Equal(expected, Status(StunReply.Success(Id).XorMapped(Mapped4).Attribute((ushort)type).Fingerprint().ToArray(), Id));
        Assert.Equal(expected, Status(StunReply.Failure(Id).ErrorCode(400, "").Attribute((ushort)type).ToArray(), Id));
    }

    [Theory]
    [InlineData(300, "Try Alternate")]
    [InlineData(420, "Unknown Attribute")]
    [InlineData(699, "")]
    public void Error_CodeAndReason_AreRead(int code, string reason)
    {
        var response = Read(StunReply.Failure(Id).ErrorCode(code, reason).Fingerprint().ToArray(), Id);
        Assert.Null(response.Mapped);
        Assert.Equal(new StunError(code, reason), response.Error);
    }

    [Fact]
    public void Error_Reason_IsOneShortLine()
    {
        var error = Read(StunReply.Failure(Id).ErrorCode(500, "a\r\n\u001b[31m\u2028\u0085" + new string('x', 600)).ToArray(), Id).Error!;
        Assert.StartsWith("a   [31m  xxx", error.Reason, StringComparison.Ordinal);
        Assert.Equal(127, error.Reason.Length);
    }

    [Theory]
    [InlineData("00000200")]
    [InlineData("00000700")]
    [InlineData("00000464")]
    [InlineData("000004")]
    [InlineData("")]
    public void Error_CodeThatIsNone_IsMalformed(string hex) =>
        Assert.Equal(StunReadStatus.Malformed, Status(StunReply.Failure(Id).Attribute(0x0009, Convert.FromHexString(hex)).ToArray(), Id));

    [Fact]
    public void Error_LongerThanItMayBe_IsMalformed() =>
        Assert.Equal(StunReadStatus.Malformed, Status(StunReply.Failure(Id).ErrorCode(400, new string('x', 764)).ToArray(), Id));

    [Theory]
    [InlineData("0001")]
    [InlineData("00010BB8C00002")]
    [InlineData("00010BB8C000020100")]
    [InlineData("00020BB8C0000201")]
    [InlineData("00030BB8C0000201")]
    [InlineData("00000BB8")]
    public void Address_ThatIsNone_IsMalformed(string hex)
    {
        Assert.Equal(StunReadStatus.Malformed, Status(StunReply.Success(Id).Attribute(0x0020, Convert.FromHexString(hex)).ToArray(), Id));
        Assert.Equal(StunReadStatus.Malformed, Status(StunReply.Success(Id).Attribute(0x0001, Convert.FromHexString(hex)).ToArray(), Id));
    }

    [Fact]
    public void Response_WithoutWhatItIsFor_IsIncomplete()
    {
        Assert.Equal(StunReadStatus.Incomplete, Status(StunReply.Success(Id).ToArray(), Id));
        Assert.Equal(StunReadStatus.Incomplete, Status(StunReply.Success(Id).ErrorCode(400, "").ToArray(), Id));
        Assert.Equal(StunReadStatus.Incomplete, Status(StunReply.Failure(Id).XorMapped(Mapped4).Fingerprint().ToArray(), Id));
    }

    [Fact]
    public void Fingerprint_WrongOrNotLast_IsRefused()
    {
        Assert.Equal(StunReadStatus.BadFingerprint, Status(StunReply.Success(Id).XorMapped(Mapped4).Fingerprint(error: 1).ToArray(), Id));
        Assert.Equal(StunReadStatus.Malformed, Status(StunReply.Success(Id).Fingerprint().XorMapped(Mapped4).ToArray(), Id));
        Assert.Equal(StunReadStatus.Malformed, Status(StunReply.Success(Id).XorMapped(Mapped4).Attribute(0x8028, 1, 2, 3).ToArray(), Id));
    }

    [Theory]
    [InlineData(0x0001)]
    [InlineData(0x0011)]
    [InlineData(0x0102)]
    [InlineData(0x4101)]
    [InlineData(0x8101)]
    public void Response_OfAnotherType_IsMalformed(int type) =>
        Assert.Equal(StunReadStatus.Malformed, Status(new StunReply((ushort)type, Id).XorMapped(Mapped4).ToArray(), Id));

    [Fact]
    public void Response_WithoutTheCookie_IsMalformed()
    {
        var bytes = StunReply.Mapped(Id, Mapped4);
        bytes[5] ^= 1;
        Assert.Equal(StunReadStatus.Malformed, Status(bytes, Id));
    }

    [Fact]
    public void AnyAddress_AsAServerWritesIt_IsRead() =>
        Gen.Select(Gen.UInt, Gen.ULong, Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]), Gen.UShort, Gen.Bool, Gen.String[0, 40]).Sample((high, low, address, port, fingerprint, software) =>
        {
            var (id, mapped) = (new StunTransactionId(high, low), new IPEndPoint(new IPAddress(address), port));
            var reply = StunReply.Success(id).Attribute(0x8022, System.Text.Encoding.UTF8.GetBytes(software)).XorMapped(mapped);
            var bytes = (fingerprint ? reply.Fingerprint() : reply).ToArray();
            return mapped.Equals(Read(bytes, id).Mapped) && Status(bytes[..^1], id) == StunReadStatus.Malformed;
        });

    [Fact]
    public void AnyBytes_BehindARightHeader_AreReadOrRefused() =>
        Gen.Byte.Array[0, 64].Sample(tail =>
        {
            byte[] bytes = [.. StunReply.Success(Id).ToArray(), .. tail];
            bytes[3] = (byte)tail.Length;
            var status = StunBinding.TryReadResponse(bytes, Id, out var response);
            return (status == StunReadStatus.Ok) == (response is not null) && (tail.Length % 4 == 0 || status == StunReadStatus.Malformed);
        });

    [Fact]
    public void TransactionId_IsFreshAndReadAsItIsWritten()
    {
        var (one, two) = (StunTransactionId.Create(), StunTransactionId.Create());
        var bytes = new byte[StunTransactionId.Size];
        one.Write(bytes);
        Assert.NotEqual(one, two);
        Assert.Equal(one, StunTransactionId.Read(bytes));
    }

    private static StunResponse Read(byte[] bytes, StunTransactionId id)
    {
        Assert.Equal(StunReadStatus.Ok, StunBinding.TryReadResponse(bytes, id, out var response));
        return response!;
    }

    private static StunReadStatus Status(byte[] bytes, StunTransactionId id)
    {
        var status = StunBinding.TryReadResponse(bytes, id, out var response);
        Assert.Equal(status == StunReadStatus.Ok, response is not null);
        return status;
    }
}
