using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace RemoteIngress.ClusterTls;

/// <summary>
/// Mutual TLS 1.3 under the connections of Orleans, which have no authentication of their own: nothing of a peer reaches Orleans before its
/// certificate was checked for authority, time, use and role. What fails, or takes longer than <see cref="HandshakeLimit"/>, is cut off.
/// </summary>
internal sealed partial class ClusterTlsMiddleware(ClusterCertificates certificates, TimeProvider time, ILogger logger)
{
    /// <summary>From the connection to its end when the peer has not proved itself.</summary>
    public static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    // Each is a stranger until it ends: more than any cluster begins at once are not taken.
    private const int MaxHandshakes = 256;
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private long _refused;
    private int _handshakes;
    private long _told;

    /// <summary>Connections, of either direction, that did not get through.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>For connections that come in: the peer must have one of these roles.</summary>
    public void Accept(IConnectionBuilder connections, params string[] roles) =>
        connections.Use(next => connection => RunAsync(connection, next, (stream, token) => stream.AuthenticateAsServerAsync(Server(roles), token)));

    /// <summary>For connections that go out: the peer must be a hub.</summary>
    public void Dial(IConnectionBuilder connections) =>
        connections.Use(next => connection => RunAsync(connection, next, (stream, token) => stream.AuthenticateAsClientAsync(Client(), token)));

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, Func<SslStream, CancellationToken, Task> handshake)
    {
        var raw = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(raw), leaveInnerStreamOpen: false);
        if (!await TryHandshakeAsync(connection, stream, handshake))
        {
            connection.Abort();
            return;
        }

        var inside = new DuplexPipe(
            PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        connection.Transport = inside;
        try
        {
            await next(connection);
        }
        finally
        {
            await inside.CompleteAsync();
            connection.Transport = raw;
        }
    }

    private async Task<bool> TryHandshakeAsync(ConnectionContext connection, SslStream stream, Func<SslStream, CancellationToken, Task> handshake)
    {
        var others = Interlocked.Increment(ref _handshakes) - 1;
        try
        {
            if (others >= MaxHandshakes)
            {
                Refuse(connection, $"{MaxHandshakes} others are under way");
                return false;
            }

            using var limit = new CancellationTokenSource(HandshakeLimit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed);
            await handshake(stream, either.Token);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            Refuse(connection, e is OperationCanceledException ? "it took too long, or the peer went away" : e.GetBaseException().Message);
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _handshakes);
        }
    }

    private SslServerAuthenticationOptions Server(string[] roles)
    {
        var current = certificates.Current;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = current.Own,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = current.Policy,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsOneOf(roles, certificate, errors),

            // a ticket would stand for a certificate that has since been replaced
            AllowTlsResume = false,
        };
    }

    private SslClientAuthenticationOptions Client()
    {
        var current = certificates.Current;
        return new SslClientAuthenticationOptions
        {
            TargetHost = ClusterRole.Hub,
            ClientCertificateContext = current.Own,
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = current.Policy,
            RemoteCertificateValidationCallback = static (_, certificate, _, errors) => IsOneOf([ClusterRole.Hub], certificate, errors),
            AllowTlsResume = false,
        };
    }

    // The framework has checked chain, time and use (EKU) by then, and says so in errors.
    private static bool IsOneOf(string[] roles, X509Certificate? certificate, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None && certificate is X509Certificate2 shown && roles.Any(role => ClusterRole.Has(shown, role));

    // Anybody can make this happen at any rate: one line a minute, and the rest in the counter.
    private void Refuse(ConnectionContext connection, string reason)
    {
        Interlocked.Increment(ref _refused);
        var told = Interlocked.Read(ref _told);
        var now = time.GetTimestamp();
        if ((told == 0 || time.GetElapsedTime(told, now) >= TellEvery) && Interlocked.CompareExchange(ref _told, now, told) == told)
        {
            LogRefused(connection.RemoteEndPoint?.ToString() ?? "unknown", reason.ReplaceLineEndings(" "));
        }
    }

    [LoggerMessage(1013, LogLevel.Warning, "cluster connection with {Peer} refused: {Reason} (said once a minute, counted always)", EventName = "ClusterPeerRefused")]
    private partial void LogRefused(string peer, string reason);

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;

        public async Task CompleteAsync()
        {
            await input.CompleteAsync();
            await output.CompleteAsync();
        }
    }
}
