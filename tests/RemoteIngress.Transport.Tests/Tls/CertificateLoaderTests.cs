using System.Security.Cryptography;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tests.Tls;

public sealed class CertificateLoaderTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly TemporaryFolder _folder = new();

    private string Certificate => _folder.File("tls.crt");

    private string Key => _folder.File("tls.key");

    [Fact]
    public void SelfSigned_WithDirectory_IsKeptForTheOwnerAloneAndReused()
    {
        var first = CertificateLoader.SelfSigned(_folder.Path, Now);
        var second = CertificateLoader.SelfSigned(_folder.Path, Now.AddDays(1));

        Assert.Equal(first.Thumbprint, second.Thumbprint);
        var file = Assert.Single(Directory.GetFiles(_folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void SelfSigned_LeftoverOfACrash_DoesNotLendItsMode()
    {
        var leftover = _folder.File("hub-certificate.pem.new");
        File.WriteAllText(leftover, "half");
        File.SetUnixFileMode(leftover, (UnixFileMode)0b110_110_110);

        CertificateLoader.SelfSigned(_folder.Path, Now);

        var file = Assert.Single(Directory.GetFiles(_folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void SelfSigned_WithoutDirectory_IsNewEachTime() =>
        Assert.NotEqual(CertificateLoader.SelfSigned(null, Now).Thumbprint, CertificateLoader.SelfSigned(null, Now).Thumbprint);

    [Fact]
    public void SelfSigned_BrokenFile_NamesTheCure()
    {
        var file = _folder.File("hub-certificate.pem");
        File.WriteAllText(file, "nonsense");

        var exception = Assert.Throws<IOException>(() => CertificateLoader.SelfSigned(_folder.Path, Now));

        Assert.Contains($"delete {file}", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void SelfSigned_NoSuchDirectory_IsAnIOException() =>
        Assert.ThrowsAny<IOException>(() => CertificateLoader.SelfSigned(_folder.File("missing"), Now));

    [Fact]
    public void TryLoadPem_ChainAndKey_IsServedWithItsIntermediates()
    {
        var thumbprint = TestCertificates.WritePem(Certificate, Key, "hub");

        Assert.True(CertificateLoader.TryLoadPem(Certificate, Key, out var certificate, out _));

        Assert.Equal(thumbprint, certificate!.Thumbprint);
        Assert.Equal(32, certificate.Binding.Length);
    }

    [Fact]
    public void TryLoadPem_KeyOfAnother_IsOneClearLine()
    {
        TestCertificates.WritePem(Certificate, Key, "a");
        TestCertificates.WritePem(_folder.File("other.crt"), Key, "b");

        AssertRefused(Certificate, Key);
    }

    [Fact]
    public void TryLoadPem_KeyOfAnotherKind_IsOneClearLine()
    {
        TestCertificates.WritePem(Certificate, Key, "a");
        using var rsa = RSA.Create(2048);
        File.WriteAllText(Key, rsa.ExportPkcs8PrivateKeyPem());

        AssertRefused(Certificate, Key);
    }

    [Fact]
    public void TryLoadPem_EncryptedKey_IsOneClearLine()
    {
        TestCertificates.WritePem(Certificate, Key, "a");
        using var key = ECDsa.Create();
        File.WriteAllText(Key, key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)));

        AssertRefused(Certificate, Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n")]
    public void TryLoadPem_Garbage_IsOneClearLine(string content)
    {
        TestCertificates.WritePem(Certificate, Key, "a");
        var garbage = _folder.File("garbage");
        File.WriteAllText(garbage, content);

        AssertRefused(garbage, Key);
        AssertRefused(Certificate, garbage);
    }

    [Fact]
    public void TryLoadPem_MissingFile_NamesIt()
    {
        Assert.False(CertificateLoader.TryLoadPem(_folder.File("none.crt"), Key, out _, out var error));
        Assert.Contains("none.crt", error);
    }

    [Fact]
    public void TryLoadPem_Directory_IsOneClearLine() => AssertRefused(_folder.Path, _folder.Path);

    public void Dispose() => _folder.Dispose();

    private static void AssertRefused(string certificateFile, string keyFile)
    {
        Assert.False(CertificateLoader.TryLoadPem(certificateFile, keyFile, out var certificate, out var error));
        Assert.Null(certificate);
        Assert.NotEmpty(error);
        Assert.DoesNotContain('\n', error);
    }
}
