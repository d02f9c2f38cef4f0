using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Protocol.Tests.Scram;

public class ScramVerifierTests
{
    private static readonly byte[] Key = new byte[32];

    [Fact]
    public void Matches_OnlyItsSecret()
    {
        var verifier = ScramVerifier.Create("secret", ScramVerifier.CreateSalt());
        Assert.True(verifier.Matches("secret"));
        Assert.False(verifier.Matches("Secret"));
        Assert.False(verifier.Matches(""));
        Assert.False((verifier with { ServerKey = new byte[32] }).Matches("secret"));
    }

    [Fact]
    public void Equals_ByContent()
    {
        var verifier = ScramVerifier.Create("secret", new byte[16]);
        var same = ScramVerifier.Create("secret", new byte[16]);
        Assert.Equal(verifier, same);
        Assert.Equal(verifier.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(verifier, verifier with { Iterations = 5000 });
        Assert.NotEqual(verifier, verifier with { StoredKey = new byte[32] });
        Assert.NotEqual(verifier, ScramVerifier.Create("other", new byte[16]));
    }

    [Fact]
    public void Decoy_SameIdAndKey_SameChallenge_ElseAnother()
    {
        var decoy = ScramVerifier.Decoy("edge-1", Key);
        Assert.Equal(decoy, ScramVerifier.Decoy("edge-1", Key));
        Assert.NotEqual(decoy.Salt, ScramVerifier.Decoy("edge-2", Key).Salt);
        Assert.NotEqual(decoy.Salt, ScramVerifier.Decoy("edge-1", [1, .. Key]).Salt);
    }

    [Fact]
    public void Decoy_HasTheShapeOfARealVerifier()
    {
        var real = ScramVerifier.Create("secret", ScramVerifier.CreateSalt(), 5000);
        var decoy = ScramVerifier.Decoy("edge-1", Key, 5000);
        Assert.Equal(
            (real.Salt.Length, real.Iterations, real.StoredKey.Length, real.ServerKey.Length),
            (decoy.Salt.Length, decoy.Iterations, decoy.StoredKey.Length, decoy.ServerKey.Length));
    }

    [Fact]
    public void Create_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentException>(() => ScramVerifier.Create("", new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramVerifier.Create("s", []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramVerifier.Create("s", new byte[16], 4095));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramVerifier.Create("s", new byte[16], 1_000_001));
    }

    [Fact]
    public void KeyCache_SameInputs_DerivesOnce_AndStaysBounded()
    {
        var cache = new ScramKeyCache(capacity: 2);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(ScramStatus.Ok, new ScramExchange { Cache = cache }.Run().Verified);
        }

        Assert.Equal((1L, 1), (cache.Misses, cache.Count));

        // another secret under the same salt must not be answered from the cache
        Assert.Equal(ScramStatus.WrongProof, new ScramExchange { Cache = cache, Secret = "guess" }.Run().Server);
        Assert.Equal(2L, cache.Misses);

        cache.GetOrDerive("third", ScramExchange.Salt, 4096);
        Assert.Equal((3L, 2), (cache.Misses, cache.Count));
    }
}
