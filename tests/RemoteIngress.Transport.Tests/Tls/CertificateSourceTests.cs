using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tests.Tls;

public sealed class CertificateSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly RecordingLogger _logger = new();
    private int _changes;

    private string Certificate => _folder.File("tls.crt");

    private string Key => _folder.File("tls.key");

    [Fact]
    public void FromPem_NothingChanged_StaysAndSaysNothing()
    {
        Write("a");
        using var source = Source();
        var before = source.Current;
        Look();

        Assert.Same(before, source.Current);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void FromPem_PairReplaced_IsReadAgain()
    {
        Write("a");
        using var source = Source();
        var thumbprint = Write("b");
        Look();

        Assert.Equal(thumbprint, source.Current.Thumbprint);
        Assert.StartsWith("Information: certificate reloaded", Assert.Single(_logger.Lines));
    }

    [Fact]
    public void FromPem_BadPair_KeepsTheLastGoodOneUntilItIsMended()
    {
        var first = Write("a");
        using var source = Source();
        var second = Write("b");
        var whole = File.ReadAllText(Key);
        File.WriteAllText(Key, whole[..40]);
        Look();
        Assert.Equal(first, source.Current.Thumbprint);
        Assert.StartsWith("Warning: ", Assert.Single(_logger.Lines));

        File.WriteAllText(Key, whole);
        Look();
        Assert.Equal(second, source.Current.Thumbprint);
    }

    [Fact]
    public void FromPem_BadPairForLong_IsSaidOncePerChange()
    {
        Write("a");
        using var source = Source();
        Write("b");
        File.WriteAllText(Key, "nonsense");
        Touch(Key);
        Look();
        Look();
        Look();

        Assert.Single(_logger.Lines);
    }

    [Fact]
    public void FromPem_FileGoneForAWhile_KeepsTheLastGoodOne()
    {
        var first = Write("a");
        using var source = Source();
        File.Delete(Certificate);
        Look();
        Assert.Equal(first, source.Current.Thumbprint);

        var second = Write("b");
        Look();
        Assert.Equal(second, source.Current.Thumbprint);
    }

    [Fact]
    public void FromPem_SymbolicLinksSwapped_IsReadAgain()
    {
        var (one, two) = (Directory.CreateDirectory(_folder.File("1")).FullName, Directory.CreateDirectory(_folder.File("2")).FullName);
        TestCertificates.WritePem(Path.Combine(one, "tls.crt"), Path.Combine(one, "tls.key"), "a");
        var second = TestCertificates.WritePem(Path.Combine(two, "tls.crt"), Path.Combine(two, "tls.key"), "b");
        foreach (var file in Directory.GetFiles(two))
        {
            Touch(file);
        }

        // As certificate managers do: the files point through a folder link, and only that link is swapped.
        File.CreateSymbolicLink(_folder.File("data"), one);
        File.CreateSymbolicLink(Certificate, Path.Combine(_folder.File("data"), "tls.crt"));
        File.CreateSymbolicLink(Key, Path.Combine(_folder.File("data"), "tls.key"));
        using var source = Source();
        Directory.Delete(_folder.File("data"));
        File.CreateSymbolicLink(_folder.File("data"), two);
        Look();

        Assert.Equal(second, source.Current.Thumbprint);
    }

    [Fact]
    public void FromPem_BrokenLink_KeepsTheLastGoodOne()
    {
        var first = Write("a");
        using var source = Source();
        File.Delete(Certificate);
        File.CreateSymbolicLink(Certificate, _folder.File("nowhere"));
        Look();

        Assert.Equal(first, source.Current.Thumbprint);
    }

    [Fact]
    public void FromPem_UnusableAtStart_SaysWhy()
    {
        File.WriteAllText(Certificate, "nonsense");

        var exception = Assert.Throws<IOException>(() => Source());

        Assert.Contains("tls.key", exception.Message);
    }

    [Fact]
    public void SelfSigned_GivesACertificate()
    {
        using var source = CertificateSource.SelfSigned(null, _time, _logger);

        Assert.NotEmpty(source.Current.Thumbprint);
    }

    public void Dispose() => _folder.Dispose();

    private CertificateSource Source() => CertificateSource.FromPem(Certificate, Key, _time, _logger);

    // FakeTimeProvider runs the timer on this thread.
    private void Look() => _time.Advance(TimeSpan.FromSeconds(10));

    private string Write(string name)
    {
        var thumbprint = TestCertificates.WritePem(Certificate, Key, name);
        Touch(Certificate);
        Touch(Key);
        return thumbprint;
    }

    // Files of one test are written within one tick of the file system's clock.
    private void Touch(string file) => File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(++_changes));
}
