using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Protocol.Tests.Scram;

/// <summary>The exchange of RFC 7677 section 3, through the code the product uses.</summary>
public class ScramVectorTests
{
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static readonly byte[] Salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");

    [Fact]
    public void Client_VectorOfRfc7677_SaysTheSame()
    {
        var client = new ScramClient("user", "pencil", ScramBinding.None, "rOprNGfwEbeRWgbNEkqO", cache: null);
        Assert.Equal(ClientFirst, client.First());
        Assert.Equal(ScramStatus.Ok, client.TryFinal(ServerFirst, out var final));
        Assert.Equal(ClientFinal, final);
        Assert.Equal(ScramStatus.Ok, client.VerifyServer(ServerFinal));
    }

    [Fact]
    public void Server_VectorOfRfc7677_SaysTheSame()
    {
        var verifier = ScramVerifier.Create("pencil", Salt, 4096);
        Assert.True(ScramServer.TryParseClientFirst(ClientFirst, ScramBinding.NoneHeader, out var first));
        Assert.Equal("user", first!.EdgeId);
        var server = new ScramServer(ScramBinding.None, ServerNonce);
        Assert.Equal(ServerFirst, server.Challenge(first, verifier));
        Assert.Equal(ScramStatus.Ok, server.Finish(ClientFinal, [verifier], out var final, out var index));
        Assert.Equal((ServerFinal, 0), (final, index));
    }

    [Fact]
    public void PublicServer_ClientWithoutChannelBinding_IsRefused()
    {
        Assert.False(ScramServer.TryParseClientFirst(ClientFirst, out _));
        Assert.False(ScramServer.TryParseClientFirst("y" + ClientFirst[1..], out _));
        Assert.False(ScramServer.TryParseClientFirst("p=tls-unique" + ClientFirst[1..], out _));
    }
}
