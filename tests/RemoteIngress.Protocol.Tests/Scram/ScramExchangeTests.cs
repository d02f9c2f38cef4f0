using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Protocol.Tests.Scram;

public class ScramExchangeTests
{
    [Theory]
    [InlineData("secret")]
    [InlineData("с секретом, =и= запятой 🙂")]
    public void Exchange_RightSecret_BothSidesAreSure(string secret)
    {
        var outcome = new ScramExchange { Secret = secret, Verifiers = [ScramVerifier.Create(secret, ScramExchange.Salt)] }.Run();
        Assert.Equal((ScramStatus.Ok, ScramStatus.Ok, 0), (outcome.Server, outcome.Verified, outcome.Index));
    }

    [Fact]
    public void Exchange_WrongSecret_FailsOnBothSides()
    {
        var outcome = new ScramExchange { Secret = "guess" }.Run();
        Assert.Equal((ScramStatus.WrongProof, ScramStatus.WrongProof, -1), (outcome.Server, outcome.Verified, outcome.Index));
        Assert.Equal("e=invalid-proof", outcome.ServerFinal);
    }

    [Fact]
    public void Exchange_ManInTheMiddleWithAnotherCertificate_Fails()
    {
        var outcome = new ScramExchange { ClientBinding = [9, 9, 9] }.Run();
        Assert.Equal((ScramStatus.WrongChannelBinding, ScramStatus.WrongChannelBinding), (outcome.Server, outcome.Verified));
        Assert.Equal(-1, outcome.Index);
    }

    [Theory]
    [InlineData("old", 0)]
    [InlineData("new", 1)]
    public void Exchange_DuringRotation_EitherSecretWorksAndTheHubProvesItself(string secret, int index)
    {
        var outcome = new ScramExchange
        {
            Secret = secret,
            Verifiers = [ScramVerifier.Create("old", ScramExchange.Salt), ScramVerifier.Create("new", ScramExchange.Salt)],
        }.Run();
        Assert.Equal((ScramStatus.Ok, ScramStatus.Ok, index), (outcome.Server, outcome.Verified, outcome.Index));
    }

    [Fact]
    public void Exchange_HubThatDoesNotKnowTheSecret_IsFoundOut()
    {
        var real = ScramVerifier.Create("secret", ScramExchange.Salt);
        var pretender = real with { ServerKey = new byte[32] };
        var outcome = new ScramExchange { Verifiers = [pretender] }.Run();
        Assert.Equal((ScramStatus.Ok, ScramStatus.WrongServerSignature), (outcome.Server, outcome.Verified));
    }

    [Fact]
    public void Exchange_UnknownEdge_LooksLikeAWrongSecret()
    {
        var decoy = ScramVerifier.Decoy("edge-1", new byte[32]);
        var unknown = new ScramExchange { Verifiers = [decoy] }.Run();
        var wrong = new ScramExchange { Secret = "guess" }.Run();
        Assert.Equal(wrong with { Challenge = "" }, unknown with { Challenge = "" });
        Assert.Equal(wrong.Challenge.Length, unknown.Challenge.Length);
    }

    [Theory]
    [InlineData("r=clientnonce", "r=other", ScramStatus.WrongNonce)]
    [InlineData("servernonce", "", ScramStatus.WrongNonce)]
    [InlineData("i=4096", "i=4095", ScramStatus.BadIterations)]
    [InlineData("i=4096", "i=1000001", ScramStatus.BadIterations)]
    [InlineData("i=4096", "i=04096", ScramStatus.Malformed)]
    [InlineData("i=4096", "i=-4096", ScramStatus.Malformed)]
    [InlineData("i=4096", "i=9999999999", ScramStatus.Malformed)]
    [InlineData(",i=4096", "", ScramStatus.Malformed)]
    [InlineData("s=AQID", "s=!!!!", ScramStatus.Malformed)]
    [InlineData("s=AQID", "x=AQID", ScramStatus.Malformed)]
    [InlineData("r=clientnonce", "m=x,r=clientnonce", ScramStatus.UnsupportedMechanism)]
    public void TryFinal_BadServerFirst_IsRefused(string from, string to, ScramStatus expected)
    {
        var outcome = new ScramExchange { ServerFirst = s => Replace(s, from, to) }.Run();
        Assert.Equal(expected, outcome.Client);
    }

    [Theory]
    [InlineData("r=clientnonceservernonce", "r=clientnonceother", ScramStatus.WrongNonce)]
    [InlineData(",p=", ",x=", ScramStatus.Malformed)]
    [InlineData(",p=", ",p=AAAA", ScramStatus.Malformed)]
    [InlineData("c=", "c= ", ScramStatus.Malformed)]
    [InlineData("c=", "d=", ScramStatus.Malformed)]
    public void Finish_BadClientFinal_IsRefused(string from, string to, ScramStatus expected)
    {
        var outcome = new ScramExchange { ClientFinal = s => Replace(s, from, to) }.Run();
        Assert.Equal(expected, outcome.Server);
        Assert.Equal(-1, outcome.Index);
    }

    [Fact]
    public void Finish_ExtensionSlippedInOnTheWay_BreaksTheProof()
    {
        // extensions are legal, but the proof signs them
        var outcome = new ScramExchange { ClientFinal = s => Replace(s, ",p=", ",x=1,p=") }.Run();
        Assert.Equal(ScramStatus.WrongProof, outcome.Server);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v=")]
    [InlineData("v=AAAA ")]
    [InlineData("x=AAAA")]
    public void VerifyServer_Malformed_IsNotOk(string serverFinal) =>
        Assert.Equal(ScramStatus.Malformed, new ScramExchange { ServerFinal = _ => serverFinal }.Run().Verified);

    [Fact]
    public void VerifyServer_EveryChangedBit_IsNotOk()
    {
        var outcome = new ScramExchange().Run();
        var signature = Convert.FromBase64String(outcome.ServerFinal[2..]);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            var changed = $"v={Convert.ToBase64String(signature)}";
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(ScramStatus.WrongServerSignature, new ScramExchange { ServerFinal = _ => changed, Cache = SharedCache }.Run().Verified);
        }
    }

    [Fact]
    public void Messages_EveryTruncation_IsAnsweredWithoutThrowing()
    {
        var challenge = new ScramExchange().Run().Challenge;
        for (var length = 0; length < challenge.Length - 2; length++)
        {
            var cut = length;
            Assert.NotEqual(ScramStatus.Ok, new ScramExchange { ServerFirst = s => s[..cut], Cache = SharedCache }.Run().Client);
        }

        for (var length = 0; length < 90; length++)
        {
            var cut = length;
            Assert.NotEqual(ScramStatus.Ok, new ScramExchange { ClientFinal = s => s[..cut], Cache = SharedCache }.Run().Server);
        }
    }

    [Fact]
    public void Steps_OutOfOrder_Throw()
    {
        Assert.Throws<InvalidOperationException>(() => new ScramClient("e", "s", default, "n").VerifyServer("v=AA=="));
        Assert.Throws<InvalidOperationException>(() => new ScramServer(default(ReadOnlyMemory<byte>), "n").Finish("", [], out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void Constructors_BadNonce_Throw(string nonce)
    {
        Assert.Throws<ArgumentException>(() => new ScramClient("e", "s", default, nonce));
        Assert.Throws<ArgumentException>(() => new ScramServer(default(ReadOnlyMemory<byte>), nonce));
    }

    private static ScramKeyCache SharedCache { get; } = new();

    private static string Replace(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }
}
