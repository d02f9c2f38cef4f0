using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Protocol.Tests.Scram;

public sealed class Pbkdf2Sha256Tests
{
    /// <summary>RFC 7914 section 11, cut to 32 bytes.</summary>
    [Theory]
    [InlineData("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")]
    [InlineData("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")]
    public void Derive_OfTheRfc_IsWhatItSays(string password, string salt, int iterations, string expected) => Assert.Equal(
        expected,
        Convert.ToHexStringLower(Pbkdf2Sha256.Derive(System.Text.Encoding.ASCII.GetBytes(password), System.Text.Encoding.ASCII.GetBytes(salt), iterations)));

    [Fact]
    public void Derive_OfAnything_IsWhatTheFrameworkSays()
    {
        var random = new Random(4711);
        int[] lengths = [0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 1024];
        foreach (var password in lengths)
        {
            foreach (var salt in lengths)
            {
                var (p, s) = (new byte[password], new byte[salt]);
                random.NextBytes(p);
                random.NextBytes(s);
                var iterations = random.Next(1, 20);

                Assert.Equal(Pbkdf2Sha256.Framework(p, s, iterations), Pbkdf2Sha256.Derive(p, s, iterations));
            }
        }
    }

    [Fact]
    public void Derive_WithoutAnIteration_IsAMistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Pbkdf2Sha256.Derive("a"u8, "b"u8, 0));
}
