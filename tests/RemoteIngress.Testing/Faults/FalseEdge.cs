using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Protocol.Tls;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Testing.Faults;

/// <summary>An edge that knows its secret and means no good: it authenticates as docs/protocol.md says, and then the test speaks.</summary>
public static class FalseEdge
{
    public static async Task<TunnelPeer> ConnectAsync(int hubPort, string edgeId, string secret, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, hubPort, cancellation);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(TlsPolicy.Client("hub"), cancellation);
            var peer = new TunnelPeer(tls);
            await AuthenticateAsync(peer, tls, edgeId, secret, cancellation);
            return peer;
        }
        catch
        {
            tls?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static async Task AuthenticateAsync(TunnelPeer peer, SslStream tls, string edgeId, string secret, CancellationToken cancellation)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
        var scram = new ScramClient(edgeId, secret, TlsServerEndPoint.Binding(certificate), ScramNonce.Create());
        var hello = new Hello
        {
            Version = Hello.CurrentVersion,
            EdgeId = edgeId,
            InstanceId = Guid.NewGuid().ToString("N"),
            Software = "false-edge/1",
            Scram = scram.First(),
        };
        await peer.SendAsync(0, FrameType.Hello, ControlCodec.Encode(hello), cancellation);
        var challenge = Read<Challenge>(await peer.ReceiveAsync(FrameType.Challenge, cancellation));
        Require(scram.TryFinal(challenge.Scram, out var final));
        await peer.SendAsync(0, FrameType.Auth, ControlCodec.Encode(new Auth { Scram = final }), cancellation);
        Require(scram.VerifyServer(Read<Welcome>(await peer.ReceiveAsync(FrameType.Welcome, cancellation)).Scram));
    }

    internal static T Read<T>((FrameHeader Header, byte[] Payload) frame)
        where T : class =>
        ControlCodec.TryDecode<T>(frame.Payload, out var message, out var error) ? message! : throw new InvalidDataException($"{frame.Header.Type}: {error}");

    internal static void Require(ScramStatus status)
    {
        if (status != ScramStatus.Ok)
        {
            throw new InvalidDataException($"SCRAM: {status}");
        }
    }
}
