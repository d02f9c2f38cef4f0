using System.Net;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Protocol.Tls;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Testing.Transport;

/// <summary>The owner of one real tunnel on a loop, as small as can be: an edge, or a hub that forwards to one target.</summary>
internal sealed class TunnelSide(EventLoop loop, TunnelOptions options) : ITunnelEvents
{
    private static readonly ScramKeyCache Keys = new();
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("secret", new byte[16]);
    private readonly TaskCompletionSource _authenticated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<(TunnelEndReason Reason, string Detail)> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HubHandshake? _handshake;

    internal EventLoop Loop => loop;

    internal Tunnel? Tunnel { get; set; }

    /// <summary>Hub: where streams are forwarded to.</summary>
    internal IPEndPoint? Target { get; init; }

    /// <summary>Hub: what every target is sent before the client's bytes.</summary>
    internal byte[] Prefix { get; set; } = [];

    internal List<LoopTarget> Targets { get; } = [];

    internal Task Authenticated => _authenticated.Task;

    internal Task<(TunnelEndReason Reason, string Detail)> Closed => _closed.Task;

    internal TunnelSetup EdgeSetup(string secret = "secret") => new()
    {
        Role = PeerRole.Edge,
        Options = options,
        Events = this,
        CreateTls = sink => TlsChannel.Client(sink, TlsPolicy.Client("hub.example.org")),
        CreateHandshake = core => new EdgeHandshake(new EdgeIdentity("edge-1", secret, "i1", "test/1", Keys), core),
        ChannelBinding = tls => TlsServerEndPoint.Binding((System.Security.Cryptography.X509Certificates.X509Certificate2)tls.RemoteCertificate!),
    };

    internal TunnelSetup HubSetup() => new()
    {
        Role = PeerRole.Hub,
        Options = options,
        Events = this,
        CreateTls = sink => TlsChannel.Server(sink, TlsPolicy.Server(TestCertificates.Hub.Context)),
        CreateHandshake = core => _handshake = new HubHandshake(new HubIdentity("hub-a", "test/1", new DecoyKey(new byte[DecoyKey.Length])), core),
        ChannelBinding = _ => TestCertificates.Hub.Binding,
    };

    /// <summary>Does something with the tunnel on its loop.</summary>
    internal Task OnLoopAsync(Action<TunnelCore> action) => loop.RunAsync(() => action(Tunnel!.Core));

    public void OnHello(Hello hello) => _handshake!.Answer(EdgeLookup.Found([Verifier]));

    public void OnAuthenticated(Welcome? welcome) => _authenticated.TrySetResult();

    public void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload)
    {
        var target = new LoopTarget(loop, stream, Prefix);
        Targets.Add(target);
        target.Connect(Target!);
    }

    public void OnControl(FrameType type, ReadOnlySpan<byte> payload)
    {
    }

    public void OnGoAway(string reason)
    {
    }

    public void OnStreamEnded(MuxStream stream)
    {
    }

    public void OnClosed(TunnelEndReason reason, string detail) => _closed.TrySetResult((reason, detail));

    public void OnWantsFlush() => Tunnel?.Flush();
}
