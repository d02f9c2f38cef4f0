using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RemoteIngress.Protocol.Tls;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tests.Tls;

public sealed class TlsChannelTests : IDisposable
{
    private readonly TlsEnd _client = new(sink => TlsChannel.Client(sink, TlsPolicy.Client("hub.example.org")));
    private readonly TlsEnd _server = new(sink => TlsChannel.Server(sink, TlsPolicy.Server(TestCertificates.Hub.Context)));

    [Fact]
    public void Handshake_BothOpenOnThisThread()
    {
        Handshake();

        Assert.Equal((TlsState.Open, TlsState.Open), (_client.Channel.State, _server.Channel.State));
        Assert.Equal((TlsPolicy.Alpn, TlsPolicy.Alpn), (_client.Channel.Protocol, _server.Channel.Protocol));
        Assert.Equal((0, 0), (_client.Hops, _server.Hops));
    }

    [Fact]
    public void RemoteCertificate_GivesTheChannelBindingOfTheHub()
    {
        Handshake();

        using var seen = new X509Certificate2(_client.Channel.RemoteCertificate!);
        Assert.Equal(TestCertificates.Hub.Binding, TlsServerEndPoint.Binding(seen));
    }

    [Fact]
    public void Write_ManySizesAndAnySplit_ArrivesInOrderBothWays()
    {
        Handshake();
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            foreach (var (from, to) in new[] { (_client, _server), (_server, _client) })
            {
                var data = new byte[random.Next(1, 300_000)];
                Pattern.Fill(seed, 0, data);
                var before = to.Received.Length;
                from.Channel.Write(data);
                TlsEnd.Exchange(_client, _server, () => random.Next(1, seed % 2 == 0 ? 100_000 : 3000));

                Assert.Equal(data.Length, to.Received.Length - before);
                Assert.True(Pattern.Mismatch(seed, 0, to.Received.AsSpan(before)) < 0, $"seed {seed}");
            }
        }

        Assert.Equal((0, 0), (_client.Hops, _server.Hops));
    }

    [Fact]
    public void Handshake_ByteByByte_Succeeds()
    {
        TlsEnd.Exchange(_client, _server, () => 1);

        Assert.Equal((TlsState.Open, TlsState.Open), (_client.Channel.State, _server.Channel.State));
    }

    [Fact]
    public void Close_PeerEnds_AfterWhatWasSentBefore()
    {
        Handshake();
        _client.Channel.Write(new byte[100_000]);
        _client.Channel.Close();
        TlsEnd.Exchange(_client, _server, () => int.MaxValue);

        Assert.Equal(100_000, _server.Received.Length);
        Assert.Equal(TlsState.Ended, _server.Channel.State);
    }

    [Fact]
    public void Close_Twice_SaysItOnce()
    {
        Handshake();
        _client.Channel.Close();
        var length = _client.Out.Everything.Length;

        _client.Channel.Close();

        Assert.Equal(length, _client.Out.Everything.Length);
    }

    [Fact]
    public void Close_BothSides_BothEnd()
    {
        Handshake();
        _client.Channel.Close();
        _server.Channel.Close();
        TlsEnd.Exchange(_client, _server, () => int.MaxValue);

        Assert.Equal((TlsState.Ended, TlsState.Ended), (_client.Channel.State, _server.Channel.State));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0garbage garbage garbage")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void Server_GarbageInsteadOfTls_FailsWithOneLine(string garbage)
    {
        _server.Feed(System.Text.Encoding.Latin1.GetBytes(garbage + new string('x', 1000)));

        Assert.Equal(TlsState.Failed, _server.Channel.State);
        AssertOneLine(_server.Channel.Error);
    }

    [Fact]
    public void Feed_ATamperedRecord_FailsWithOneLine()
    {
        Handshake();
        _client.Channel.Write(new byte[1000]);
        var record = _client.Out.Take(int.MaxValue);
        record[^1] ^= 1;

        _server.Feed(record);

        Assert.Equal(TlsState.Failed, _server.Channel.State);
        Assert.Empty(_server.Received);
        AssertOneLine(_server.Channel.Error);
    }

    [Fact]
    public void Feed_GarbageAtRandomAfterTheHandshake_NeverThrows()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            using var client = new TlsEnd(sink => TlsChannel.Client(sink, TlsPolicy.Client("a")));
            using var server = new TlsEnd(sink => TlsChannel.Server(sink, TlsPolicy.Server(TestCertificates.Hub.Context)));
            var random = new Random(seed);
            var steps = random.Next(0, 4);
            for (var i = 0; i < steps; i++)
            {
                server.Feed(client.Out.Take(int.MaxValue));
                client.Feed(server.Out.Take(int.MaxValue));
            }

            var garbage = new byte[random.Next(1, 2000)];
            random.NextBytes(garbage);
            (garbage[0], garbage[^1]) = ((byte)random.Next(20, 25), 0);
            server.Feed(garbage);
            server.EndOfInput();
            Assert.NotEqual(TlsState.Open, server.Channel.State);
        }
    }

    [Fact]
    public void EndOfInput_DuringTheHandshake_Fails()
    {
        _server.Feed(_client.Out.Take(100));
        _server.EndOfInput();

        Assert.Equal(TlsState.Failed, _server.Channel.State);
        AssertOneLine(_server.Channel.Error);
    }

    [Fact]
    public void EndOfInput_InsideARecord_Fails()
    {
        Handshake();
        _client.Channel.Write(new byte[1000]);
        _server.Feed(_client.Out.Take(500));
        _server.EndOfInput();

        Assert.Equal(TlsState.Failed, _server.Channel.State);
    }

    [Fact]
    public void Handshake_OtherAlpn_FailsOnBothSides()
    {
        var options = TlsPolicy.Client("a");
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        AssertRefused(options);
    }

    [Fact]
    public void Handshake_ClientOfTls12_FailsOnBothSides()
    {
        var options = TlsPolicy.Client("a");
        options.EnabledSslProtocols = SslProtocols.Tls12;
        options.CipherSuitesPolicy = null;
        AssertRefused(options);
    }

    [Fact]
    public void Handshake_ClientWithoutAlpn_NegotiatesNone()
    {
        var options = TlsPolicy.Client("a");
        options.ApplicationProtocols = null;
        using var client = new TlsEnd(sink => TlsChannel.Client(sink, options));
        TlsEnd.Exchange(client, _server, () => int.MaxValue);

        Assert.NotEqual(TlsPolicy.Alpn, _server.Channel.Protocol);
    }

    [Fact]
    public void Dispose_InAnyState_IsQuiet()
    {
        using var untouched = new TlsEnd(sink => TlsChannel.Client(sink, TlsPolicy.Client("a")));
        using var halfway = new TlsEnd(sink => TlsChannel.Server(sink, TlsPolicy.Server(TestCertificates.Hub.Context)));
        halfway.Feed(untouched.Out.Take(50));
        Handshake();
        _client.Channel.Dispose();
        _client.Channel.Dispose();
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private void Handshake() => TlsEnd.Exchange(_client, _server, () => int.MaxValue);

    private void AssertRefused(SslClientAuthenticationOptions options)
    {
        using var client = new TlsEnd(sink => TlsChannel.Client(sink, options));
        TlsEnd.Exchange(client, _server, () => int.MaxValue);

        Assert.Equal((TlsState.Failed, TlsState.Failed), (client.Channel.State, _server.Channel.State));
        AssertOneLine(client.Channel.Error);
        AssertOneLine(_server.Channel.Error);
    }

    private static void AssertOneLine(string error)
    {
        Assert.NotEmpty(error);
        Assert.DoesNotContain('\n', error);
    }
}
