using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Protocol.Tests.Scram;

public class ScramClientFirstTests
{
    private const string Header = "p=tls-server-end-point,,";

    [Fact]
    public void TryParse_Valid_GivesNameAndNonce()
    {
        Assert.True(ScramServer.TryParseClientFirst(Header + "n=edge_1.A-b,r=abc,x=later", out var first));
        Assert.Equal(("edge_1.A-b", "abc"), (first!.EdgeId, first.Nonce));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Header)]
    [InlineData("n,,n=e,r=abc")]
    [InlineData("p=tls-server-end-point,a=admin,n=e,r=abc")]
    [InlineData("p=tls-server-end-point,n=e,r=abc")]
    [InlineData(Header + "m=x,n=e,r=abc")]
    [InlineData(Header + "n=,r=abc")]
    [InlineData(Header + "n=e")]
    [InlineData(Header + "n=e,r=")]
    [InlineData(Header + "n=e,r=a b")]
    [InlineData(Header + "n=e=,r=abc")]
    [InlineData(Header + "n=e=2X,r=abc")]
    [InlineData(Header + "n=e=2Cf,r=abc")]
    [InlineData(Header + "r=abc,n=e")]
    public void TryParse_Invalid_IsFalse(string message)
    {
        Assert.False(ScramServer.TryParseClientFirst(message, out var first));
        Assert.Null(first);
    }

    [Fact]
    public void TryParse_LongNonce_IsFalse()
    {
        Assert.True(ScramServer.TryParseClientFirst($"{Header}n=e,r={new string('a', 128)}", out _));
        Assert.False(ScramServer.TryParseClientFirst($"{Header}n=e,r={new string('a', 129)}", out _));
    }

    [Theory]
    [InlineData("a,b=c", "a=2Cb=3Dc")]
    [InlineData("=2C", "=3D2C")]
    [InlineData("plain", "plain")]
    public void Names_AreEscapedAndBack(string name, string escaped)
    {
        Assert.Equal(escaped, ScramText.EscapeName(name));
        Assert.True(ScramText.TryUnescapeName(escaped, out var back));
        Assert.Equal(name, back);
    }

    [Fact]
    public void Create_Nonces_AreValidAndDiffer()
    {
        var nonce = ScramNonce.Create();
        Assert.True(ScramNonce.IsValid(nonce));
        Assert.Equal(32, nonce.Length);
        Assert.NotEqual(nonce, ScramNonce.Create());
    }
}
