using System.Buffers.Text;
using System.Text;
using CsCheck;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Protocol.Tests.Tokens;

public class ConnectionTokenTests
{
    // base64url of {"h":"hub.example.com","p":8443,"e":"edge-1","s":"secret"}
    private const string Sample = "eyJoIjoiaHViLmV4YW1wbGUuY29tIiwicCI6ODQ0MywiZSI6ImVkZ2UtMSIsInMiOiJzZWNyZXQifQ";

    private static readonly ConnectionToken Token = new() { Host = "hub.example.com", Port = 8443, EdgeId = "edge-1", Secret = "secret" };

    [Fact]
    public void Encode_OneHub_IsTheTokenOfRemoteIngress() => Assert.Equal(Sample, Token.Encode());

    [Fact]
    public void Encode_MoreHubs_GoldenJson()
    {
        var token = Token with { Hubs = [new HubAddress("b", 1), new HubAddress("::1", 2)] };
        Assert.Equal(
            """{"h":"hub.example.com","p":8443,"e":"edge-1","s":"secret","hs":["b:1","[::1]:2"]}""",
            Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Encode())));
    }

    [Theory]
    [InlineData(Sample)]
    [InlineData(Sample + "==")]
    [InlineData(" \n" + Sample + "\r\n")]
    [InlineData(Sample + "== ")]
    public void TryDecode_Sample_GivesItsValues(string text)
    {
        Assert.True(ConnectionToken.TryDecode(text, out var token, out var error), error);
        Assert.Equal(("hub.example.com", 8443, "edge-1", "secret"), (token!.Host, token.Port, token.EdgeId, token.Secret));
        Assert.Empty(token.Hubs);
    }

    [Fact]
    public void TryDecode_StandardAlphabet_IsAccepted()
    {
        var json = """{"h":"h","p":1,"e":"e","s":"???>>>~~~ü"}""";
        var standard = Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
        Assert.True(standard.AsSpan().ContainsAny('+', '/'), "the sample must use the characters in question");
        Assert.True(ConnectionToken.TryDecode(standard, out var token, out var error), error);
        Assert.Equal("???>>>~~~ü", token!.Secret);
    }

    [Fact]
    public void EncodeAndDecode_AnyToken_RoundTrip() =>
        Gen.Select(Gen.Int[1, 65535], Gen.String[1, 60], Gen.Int[1, 65535].Array[0, 4]).Sample((port, secret, hubs) =>
        {
            // a lone surrogate is not text and cannot be carried by UTF-8
            var text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(secret));
            var token = Token with { Port = port, Secret = text, Hubs = [.. hubs.Select(p => new HubAddress("2001:db8::1", p))] };
            Assert.True(ConnectionToken.TryDecode(token.Encode(), out var decoded, out var error), error);
            Assert.Equal((token.Port, token.Secret), (decoded!.Port, decoded.Secret));
            Assert.Equal(token.Hubs, decoded.Hubs);
        });

    [Theory]
    [InlineData("", "The token is empty.")]
    [InlineData("   ", "The token is empty.")]
    [InlineData("not a token!", "The token is not base64url")]
    [InlineData("eyJoIjoi\naHVi", "The token is not base64url")]
    [InlineData(Sample + "===", "The token is not base64url")]
    [InlineData("aGVsbG8", "The token does not hold the JSON")]
    public void TryDecode_NoToken_SaysWhat(string text, string expected) => AssertRefused(text, expected);

    [Theory]
    [InlineData("""{"p":1,"e":"e","s":"TOPSECRET"}""", "The token's \"h\"")]
    [InlineData("""{"h":"a b","p":1,"e":"e","s":"TOPSECRET"}""", "The token's \"h\"")]
    [InlineData("""{"h":"h","p":0,"e":"e","s":"TOPSECRET"}""", "The token's \"p\"")]
    [InlineData("""{"h":"h","p":"x","e":"e","s":"TOPSECRET"}""", "The token does not hold the JSON")]
    [InlineData("""{"h":"h","p":1,"s":"TOPSECRET"}""", "The token's \"e\"")]
    [InlineData("""{"h":"h","p":1,"e":"TOP SECRET","s":"TOPSECRET"}""", "The token's \"e\"")]
    [InlineData("""{"h":"h","p":1,"e":"e"}""", "The token's \"s\"")]
    [InlineData("""{"h":"h","p":1,"e":"e","s":""}""", "The token's \"s\"")]
    [InlineData("""{"h":"h","p":1,"e":"e","s":"TOPSECRET","hs":["a:b"]}""", "The token's \"hs\"")]
    [InlineData("""{"h":"h","p":1,"e":"e","s":"TOPSECRET","hs":[null]}""", "The token's \"hs\"")]
    [InlineData("""{"h":"h","p":1,"e":"e","s":"\ud800"}""", "The token does not hold the JSON")]
    [InlineData("null", "The token does not hold the JSON")]
    public void TryDecode_BadContent_NamesTheFieldAndNotItsValue(string json, string expected) =>
        AssertRefused(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json)), expected);

    [Fact]
    public void TryDecode_EveryTruncation_Fails()
    {
        for (var length = 0; length < Sample.Length; length++)
        {
            Assert.False(ConnectionToken.TryDecode(Sample[..length], out _, out _));
        }
    }

    [Fact]
    public void TryDecode_MissingPort_IsTheDefault()
    {
        Assert.True(ConnectionToken.TryDecode(Base64Url.EncodeToString("""{"h":"h","e":"e","s":"s","future":1}"""u8), out var token, out _));
        Assert.Equal(HubAddress.DefaultPort, token!.Port);
    }

    [Fact]
    public void AllHubs_FirstAndFurther_EachOnce()
    {
        var first = new HubAddress("hub.example.com", 8443);
        var second = new HubAddress("b", 1);
        Assert.Equal([first, second], (Token with { Hubs = [second, first, second] }).AllHubs);
    }

    [Fact]
    public void TryDecode_TooLong_IsRefused() => AssertRefused(new string('A', ConnectionToken.MaxLength + 1), "The token is longer");

    private static void AssertRefused(string text, string expected)
    {
        Assert.False(ConnectionToken.TryDecode(text, out var token, out var error));
        Assert.Null(token);
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error!);
    }
}
