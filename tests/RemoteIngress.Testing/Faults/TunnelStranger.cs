using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace RemoteIngress.Testing.Faults;

/// <summary>Somebody who found a hub's tunnel port and knows no secret: says what a test wants, with TLS or without.</summary>
public sealed class TunnelStranger : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private TunnelStranger(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <summary>A TCP connection that has said nothing. <paramref name="source"/> lets one machine be many strangers.</summary>
    public static async Task<TunnelStranger> ConnectAsync(int port, CancellationToken cancellation, IPAddress? source = null)
    {
        var socket = await ConnectSocketAsync(port, source, cancellation);
        return new TunnelStranger(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>A finished TLS handshake as an edge makes it, and not a byte after it.</summary>
    public static async Task<TunnelStranger> ConnectTlsAsync(int port, CancellationToken cancellation, IPAddress? source = null)
    {
        var socket = await ConnectSocketAsync(port, source, cancellation);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "hub",
            ApplicationProtocols = [new SslApplicationProtocol("remoteingress/2")],
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellation);
            return new TunnelStranger(socket, tls);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>The SHA-256 of the certificate that the hub showed; null without TLS.</summary>
    public string? Thumbprint => (_stream as SslStream)?.RemoteCertificate?.GetCertHashString(HashAlgorithmName.SHA256);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _stream.WriteAsync(bytes, cancellation);
        await _stream.FlushAsync(cancellation);
    }

    /// <summary>Waits until the hub ends the connection, in whatever way, and returns what it said until then.</summary>
    public async Task<byte[]> ReceiveToEndAsync(CancellationToken cancellation)
    {
        using var said = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(said, cancellation);
        }
        catch (IOException)
        {
            // a reset is an end too
        }

        return said.ToArray();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static async Task<Socket> ConnectSocketAsync(int port, IPAddress? source, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
