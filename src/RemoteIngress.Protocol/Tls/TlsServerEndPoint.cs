using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.Protocol.Tls;

/// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929 section 4.1).</summary>
public static class TlsServerEndPoint
{
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string Sha384 = "2.16.840.1.101.3.4.2.2";
    private const string Sha512 = "2.16.840.1.101.3.4.2.3";

    /// <summary>
    /// The hash of the whole DER certificate, with the hash function of the certificate's own signature. MD5 and SHA-1 become
    /// SHA-256 (RFC 5929); so does, which the RFC leaves open, every signature without SHA-384 or SHA-512 of its own (Ed25519 and the like).
    /// </summary>
    public static byte[] Binding(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var der = certificate.RawDataMemory.Span;
        return HashOf(certificate) switch
        {
            Sha384 => SHA384.HashData(der),
            Sha512 => SHA512.HashData(der),
            _ => SHA256.HashData(der),
        };
    }

    private static string? HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" or "2.16.840.1.101.3.4.3.3" => Sha384, // RSA, ECDSA, DSA
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" or "2.16.840.1.101.3.4.3.4" => Sha512,
        RsaPss => PssHash(certificate.RawDataMemory),
        _ => null,
    };

    /// <summary>hashAlgorithm of RSASSA-PSS-params (RFC 8017 appendix A.2.3); null when it is left at its default, SHA-1.</summary>
    private static string? PssHash(ReadOnlyMemory<byte> der)
    {
        try
        {
            var certificate = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            certificate.ReadEncodedValue(); // tbsCertificate
            var algorithm = certificate.ReadSequence();
            algorithm.ReadObjectIdentifier();
            var parameters = algorithm.HasData ? algorithm.ReadSequence() : null;
            var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
            return parameters is { HasData: true } && parameters.PeekTag().HasSameClassAndValue(tag)
                ? parameters.ReadSequence(tag).ReadSequence().ReadObjectIdentifier()
                : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
