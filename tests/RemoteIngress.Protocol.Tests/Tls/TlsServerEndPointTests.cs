using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RemoteIngress.Protocol.Tls;

namespace RemoteIngress.Protocol.Tests.Tls;

public class TlsServerEndPointTests
{
    public static TheoryData<string, string> SignatureHashes => new()
    {
        { "SHA256", "SHA256" }, { "SHA384", "SHA384" }, { "SHA512", "SHA512" },
    };

    [Theory]
    [MemberData(nameof(SignatureHashes))]
    public void Binding_Ecdsa_UsesTheSignaturesHash(string signature, string expected)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AssertBinding(new CertificateRequest("CN=hub", key, new HashAlgorithmName(signature)), expected);
    }

    [Theory]
    [MemberData(nameof(SignatureHashes))]
    public void Binding_Rsa_UsesTheSignaturesHash(string signature, string expected)
    {
        using var key = RSA.Create(2048);
        AssertBinding(new CertificateRequest("CN=hub", key, new HashAlgorithmName(signature), RSASignaturePadding.Pkcs1), expected);
    }

    [Theory]
    [InlineData("SHA256", "SHA256")]
    [InlineData("SHA384", "SHA384")]
    [InlineData("SHA512", "SHA512")]
    public void Binding_RsaPss_UsesTheHashOfItsParameters(string signature, string expected)
    {
        using var key = RSA.Create(2048);
        AssertBinding(new CertificateRequest("CN=hub", key, new HashAlgorithmName(signature), RSASignaturePadding.Pss), expected);
    }

    [Theory]
    [InlineData("300D06092A864886F70D0101040500")] // MD5 with RSA
    [InlineData("300D06092A864886F70D0101050500")] // SHA-1 with RSA
    [InlineData("300906072A8648CE3D0401")] // SHA-1 with ECDSA
    [InlineData("300B06092A864886F70D01010A")] // PSS without parameters
    [InlineData("300D06092A864886F70D01010A3000")] // PSS with SHA-1, its default
    [InlineData("300D06092A864886F70D01010A0500")] // PSS with parameters that are none
    [InlineData("300506032B6570")] // Ed25519, for which RFC 5929 defines nothing
    public void Binding_WeakOrNoHash_IsSha256(string algorithm)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=hub", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(
            request.SubjectName, new UncheckedSigner(algorithm), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100), [1]);
        Assert.Equal(SHA256.HashData(certificate.RawData), TlsServerEndPoint.Binding(certificate));
    }

    [Fact]
    public void Binding_OtherCertificate_IsAnother()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var first = SelfSign(new CertificateRequest("CN=hub", key, HashAlgorithmName.SHA256));
        using var second = SelfSign(new CertificateRequest("CN=hub2", key, HashAlgorithmName.SHA256));
        Assert.NotEqual(TlsServerEndPoint.Binding(first), TlsServerEndPoint.Binding(second));
    }

    private static void AssertBinding(CertificateRequest request, string expected)
    {
        using var certificate = SelfSign(request);
        Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName(expected), certificate.RawData), TlsServerEndPoint.Binding(certificate));
    }

    private static X509Certificate2 SelfSign(CertificateRequest request) =>
        request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));

    /// <summary>Claims any algorithm: the binding reads the claim and never the signature.</summary>
    private sealed class UncheckedSigner(string algorithm) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString(algorithm);

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => new byte[256];

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException();
    }
}
