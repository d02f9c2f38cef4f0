using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.ClusterTls;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Hub.Tests.ClusterTls;

public sealed class ClusterTlsMiddlewareTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ClusterPki _pki;

    public ClusterTlsMiddlewareTests() => _pki = new ClusterPki(_directory.Path);

    private static CancellationToken Token => Timeouts.Token();

    public void Dispose()
    {
        _pki.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(ClusterRole.Hub)]
    [InlineData(ClusterRole.Client)]
    public async Task Members_reach_each_other_and_their_bytes_go_both_ways(string role)
    {
        await using var pair = new TlsPair();
        var accepting = pair.Accept(NewHub("hub-1"), ClusterRole.Hub, ClusterRole.Client);
        var dialling = pair.Dial(role == ClusterRole.Hub ? NewHub("hub-2") : New(_pki, _pki.IssueClient("ops"), role));

        var (accepted, dialled) = (await pair.Accepted.WaitAsync(Token), await pair.Dialled.WaitAsync(Token));

        Assert.Equal("question", await TlsPair.PassAsync(dialled, accepted, "question", Token));
        Assert.Equal("answer", await TlsPair.PassAsync(accepted, dialled, "answer", Token));
        await pair.DisposeAsync();
        await Task.WhenAll(accepting, dialling).WaitAsync(Token);
    }

    [Fact]
    public async Task A_client_is_no_hub()
    {
        await using var pair = new TlsPair();
        var hub = NewHub("hub-1");
        var client = New(_pki, _pki.IssueClient("ops"), ClusterRole.Client);

        await AssertRefusedAsync(pair, hub, client, ClusterRole.Hub);
    }

    [Fact]
    public async Task A_client_cannot_pass_itself_off_as_a_hub_that_is_dialled()
    {
        await using var pair = new TlsPair();

        // used for anything, so that nothing but its role stands against it
        var client = New(_pki, _pki.Issue("ops", [ClusterPki.Client]), ClusterRole.Client);
        var hub = NewHub("hub-1");
        _ = pair.Accept(client, ClusterRole.Hub);

        await pair.Dial(hub).WaitAsync(Token);

        Assert.False(pair.Dialled.IsCompleted);
        Assert.Equal(1, hub.Refused);
    }

    [Fact]
    public async Task Another_authority_is_not_believed()
    {
        await using var pair = new TlsPair();
        using var other = new ClusterPki(_directory.Path, "other");
        var stranger = New(other, other.IssueHub("stranger"), ClusterRole.Hub, trusts: _pki.Ca);

        await AssertRefusedAsync(pair, NewHub("hub-1"), stranger, ClusterRole.Hub, ClusterRole.Client);
    }

    [Fact]
    public async Task A_certificate_that_may_not_be_used_by_who_dials_is_refused()
    {
        await using var pair = new TlsPair();
        var server = New(_pki, _pki.Issue("server", [ClusterPki.Hub], [ClusterPki.ServerAuth]), ClusterRole.Hub);

        await AssertRefusedAsync(pair, NewHub("hub-1"), server, ClusterRole.Hub);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task Plaintext_gets_nowhere(string text)
    {
        await using var pair = new TlsPair();
        var hub = NewHub("hub-1");
        var accepting = pair.Accept(hub, ClusterRole.Hub);

        await pair.Raw.Output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), Token);

        await accepting.WaitAsync(Token);
        Assert.False(pair.Accepted.IsCompleted);
        await pair.Aborted.WaitAsync(Token);
        Assert.Equal(1, hub.Refused);
    }

    [Fact]
    public async Task Silence_ends_after_ten_seconds()
    {
        var time = new FakeTimeProvider();
        await using var pair = new TlsPair();
        var accepting = pair.Accept(NewHub("hub-1", time), ClusterRole.Hub);

        time.Advance(ClusterTlsMiddleware.HandshakeLimit - TimeSpan.FromMilliseconds(1));
        Assert.False(accepting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await accepting.WaitAsync(Token);
        await pair.Aborted.WaitAsync(Token);
    }

    [Fact]
    public async Task A_changed_certificate_is_used_by_the_next_handshake_and_a_broken_one_is_not()
    {
        var time = new FakeTimeProvider();
        var hub = NewHub("hub-1", time);
        await PassesAsync(hub);

        // a key that belongs to something else: as between the two writes of a renewal
        var (_, key, _) = _pki.IssueHub("hub-1");
        File.Copy(_pki.IssueHub("hub-3").Key, key, overwrite: true);
        time.Advance(TimeSpan.FromSeconds(2));
        await PassesAsync(hub);

        // all three new, of another authority: whom that one lets in says which are in force
        using var other = new ClusterPki(_directory.Path, "ca");
        other.IssueHub("hub-1");
        time.Advance(TimeSpan.FromSeconds(2));
        await using var pair = new TlsPair();
        _ = pair.Accept(hub, ClusterRole.Hub);
        _ = pair.Dial(New(other, other.IssueHub("hub-2"), ClusterRole.Hub));
        await pair.Accepted.WaitAsync(Token);
    }

    [Fact]
    public void Files_that_cannot_be_used_say_which_and_why()
    {
        using var other = new ClusterPki(_directory.Path, "other");
        var hub = _pki.IssueHub("hub-1");
        var client = _pki.IssueClient("ops");
        var expired = _pki.Issue("expired", [ClusterPki.Hub], days: -1);
        var wildcard = _pki.Issue("wildcard", ["*.remoteingress.internal"]);

        AssertRefuses(ClusterTlsFile.Certificate, "does not name hub.remoteingress.internal", _pki.Ca, client.Certificate, client.Key);
        AssertRefuses(ClusterTlsFile.Certificate, "does not name hub.remoteingress.internal", _pki.Ca, wildcard.Certificate, wildcard.Key);
        AssertRefuses(ClusterTlsFile.Certificate, "does not count before", other.Ca, hub.Certificate, hub.Key);
        AssertRefuses(ClusterTlsFile.Certificate, "does not count before", _pki.Ca, expired.Certificate, expired.Key);
        AssertRefuses(ClusterTlsFile.Certificate, "are not a PEM certificate with its unencrypted key", _pki.Ca, hub.Certificate, client.Key);
        AssertRefuses(ClusterTlsFile.Ca, "holds no PEM certificate", hub.Key, hub.Certificate, hub.Key);
        AssertRefuses(ClusterTlsFile.Ca, "/nonexistent", "/nonexistent", hub.Certificate, hub.Key);
    }

    private static void AssertRefuses(ClusterTlsFile file, string why, string ca, string certificate, string key)
    {
        var error = Assert.Throws<ClusterCertificateException>(() => ClusterCertificate.Load(new ClusterTlsFiles(ca, certificate, key), ClusterRole.Hub));
        Assert.Equal(file, error.File);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // In TLS 1.3 the dialling side is through before its certificate was looked at: that nothing of it arrives is what counts.
    private static async Task AssertRefusedAsync(TlsPair pair, ClusterTlsMiddleware hub, ClusterTlsMiddleware peer, params string[] roles)
    {
        var accepting = pair.Accept(hub, roles);
        _ = pair.Dial(peer);

        await accepting.WaitAsync(Token);

        Assert.False(pair.Accepted.IsCompleted);
        await pair.Aborted.WaitAsync(Token);
        Assert.Equal(1, hub.Refused);
    }

    private async Task PassesAsync(ClusterTlsMiddleware hub)
    {
        await using var pair = new TlsPair();
        _ = pair.Accept(hub, ClusterRole.Hub);
        _ = pair.Dial(NewHub("hub-2"));
        await pair.Accepted.WaitAsync(Token);
    }

    private ClusterTlsMiddleware NewHub(string name, TimeProvider? time = null) => New(_pki, _pki.IssueHub(name), ClusterRole.Hub, time: time);

    private static ClusterTlsMiddleware New(
        ClusterPki pki, (string Certificate, string Key, string Serial) member, string role, string? trusts = null, TimeProvider? time = null)
    {
        var files = new ClusterTlsFiles(pki.Ca, member.Certificate, member.Key);
        time ??= TimeProvider.System;
        var certificates = new ClusterCertificates(files, role, time, NullLogger.Instance);
        if (trusts is not null)
        {
            // itself of another authority, but ready to believe the hub: so that it is the hub that refuses
            File.AppendAllText(pki.Ca, File.ReadAllText(trusts));
            certificates = new ClusterCertificates(files, role, time, NullLogger.Instance);
        }

        return new ClusterTlsMiddleware(certificates, time, NullLogger.Instance);
    }
}
