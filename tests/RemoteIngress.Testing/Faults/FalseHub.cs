using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Testing.Faults;

/// <summary>A hub that knows the edge's secret and means no good: it authenticates as docs/protocol.md says, and then the test speaks.</summary>
public sealed class FalseHub : IDisposable
{
    private readonly ScramVerifier _verifier;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Has its port, and refuses every connection until <see cref="Listen"/>.</summary>
    public FalseHub(string secret)
    {
        _verifier = ScramVerifier.Create(secret, ScramVerifier.CreateSalt());
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Listen() => _listener.Listen();

    /// <summary>The next tunnel of the edge, authenticated.</summary>
    public async Task<TunnelPeer> AcceptAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var socket = await _listener.AcceptAsync(cancellation);
            socket.NoDelay = true;
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            try
            {
                await tls.AuthenticateAsServerAsync(TlsPolicy.Server(TestCertificates.Hub.Context), cancellation);
                var peer = new TunnelPeer(tls);
                await AuthenticateAsync(peer, cancellation);
                return peer;
            }
            catch (Exception exception) when (exception is IOException or EndOfStreamException)
            {
                // the edge gave this one up while it waited here
                await tls.DisposeAsync();
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AuthenticateAsync(TunnelPeer peer, CancellationToken cancellation)
    {
        var hello = FalseEdge.Read<Hello>(await peer.ReceiveAsync(FrameType.Hello, cancellation));
        var scram = new ScramServer(TestCertificates.Hub.Binding, ScramNonce.Create());
        if (!ScramServer.TryParseClientFirst(hello.Scram, out var first))
        {
            throw new InvalidDataException($"HELLO: {hello.Scram}");
        }

        var challenge = new Challenge { Scram = scram.Challenge(first!, _verifier) };
        await peer.SendAsync(0, FrameType.Challenge, ControlCodec.Encode(challenge), cancellation);
        var auth = FalseEdge.Read<Auth>(await peer.ReceiveAsync(FrameType.Auth, cancellation));
        FalseEdge.Require(scram.Finish(auth.Scram, [_verifier], out var final, out _));
        var welcome = new Welcome { Scram = final, HubId = "false-hub", Software = "false-hub/1" };
        await peer.SendAsync(0, FrameType.Welcome, ControlCodec.Encode(welcome), cancellation);
    }
}
