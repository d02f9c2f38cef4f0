using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Protocol.Tests;

public class SecrecyTests
{
    private const string Secret = "TOPSECRET";

    [Fact]
    public void ToString_OfWhateverHoldsASecret_DoesNotShowIt()
    {
        var token = new ConnectionToken { Host = "h", Port = 1, EdgeId = "e", Secret = Secret };
        object[] holders =
        [
            token,
            new Auth { Scram = Secret },
            new Welcome { Scram = Secret, HubId = "h", Software = "s" },
            new ScramClient("e", Secret, new byte[32], "nonce"),
            new ScramKeyCache(),
        ];
        Assert.All(holders, h => Assert.DoesNotContain(Secret, h.ToString(), StringComparison.Ordinal));
        Assert.Contains("EdgeId = e", token.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfVerifier_ShowsNoKey()
    {
        var verifier = ScramVerifier.Create(Secret, new byte[16]);
        Assert.Equal("ScramVerifier { Iterations = 4096 }", verifier.ToString());
    }
}
