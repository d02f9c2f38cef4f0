using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.EndToEnd.Tests.Security;

/// <summary>A man in the middle: ends the edge's TLS with a certificate of its own and passes everything on to the hub.</summary>
internal sealed class TlsRelay : IAsyncDisposable
{
    private static readonly List<SslApplicationProtocol> Alpn = [new("remoteingress/2")];

    private readonly int _hubPort;
    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;
    private long _bytesFromHub;

    public TlsRelay(int hubPort)
    {
        _hubPort = hubPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Edges whose TLS was ended here.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public long BytesFromHub => Interlocked.Read(ref _bytesFromHub);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // disposed
        }
    }

    private async Task RelayAsync(TcpClient accepted, CancellationToken stop)
    {
        using var client = accepted;
        using var hub = new TcpClient();
        try
        {
            await using var toEdge = new SslStream(client.GetStream());
            await toEdge.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate, ApplicationProtocols = Alpn, EnabledSslProtocols = SslProtocols.Tls13 },
                stop);
            Interlocked.Increment(ref _connections);
            await hub.ConnectAsync(IPAddress.Loopback, _hubPort, stop);
            await using var toHub = new SslStream(hub.GetStream());
            await toHub.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "hub",
                    ApplicationProtocols = Alpn,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    // whatever the hub shows: this one is not here to be safe
                    RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                },
                stop);
            await Task.WhenAny(toEdge.CopyToAsync(toHub, stop), CopyFromHubAsync(toHub, toEdge, stop));
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // one of the two went away, which is what a refusal looks like from here
        }
    }

    private async Task CopyFromHubAsync(SslStream hub, SslStream edge, CancellationToken stop)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await hub.ReadAsync(buffer, stop)) > 0)
        {
            Interlocked.Add(ref _bytesFromHub, read);
            await edge.WriteAsync(buffer.AsMemory(0, read), stop);
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=remoteingress hub", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
