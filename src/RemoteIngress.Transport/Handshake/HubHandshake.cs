using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Transport.Handshake;

/// <summary>
/// The hub's side: HELLO, look the edge up (the only step that takes time), CHALLENGE, AUTH, WELCOME or REJECT. An unknown edge id is
/// challenged with a decoy that no secret satisfies, so that it takes the same path as a wrong secret.
/// </summary>
internal sealed class HubHandshake(HubIdentity identity, IHandshakeHost host) : IHandshake
{
    private ReadOnlyMemory<byte> _binding;
    private ScramServer? _scram;
    private ScramClientFirst? _first;
    private IReadOnlyList<ScramVerifier> _verifiers = [];
    // Null: nothing may come now. (A default FrameType would be a number that a peer can send.)
    private FrameType? _expected = FrameType.Hello;

    /// <summary>What the edge said; set once it did.</summary>
    internal Hello? Hello { get; private set; }

    /// <summary>Index of the verifier that matched.</summary>
    internal int MatchedVerifier { get; private set; } = -1;

    /// <summary>Hubs that WELCOME names; asked when it is sent.</summary>
    internal Func<HubList> Hubs { get; init; } = static () => HubList.None;

    /// <summary>Asked once the edge has proved itself, before WELCOME: why there is no room for its tunnel, or null when there is.</summary>
    internal Func<string?> Admit { get; init; } = static () => null;

    public void Begin(ReadOnlyMemory<byte> channelBinding) => _binding = channelBinding;

    public bool Expects(FrameType type) => type == _expected;

    public void OnFrame(FrameType type, ReadOnlySpan<byte> payload)
    {
        // Nothing may come while the registry is asked, nor after the verdict.
        _expected = null;
        if (type == FrameType.Hello)
        {
            OnHello(payload);
        }
        else
        {
            OnAuth(payload);
        }
    }

    /// <summary>Goes on after <see cref="IHandshakeHost.OnHello"/>.</summary>
    internal void Answer(EdgeLookup lookup)
    {
        if (lookup.IsUnavailable)
        {
            host.Fail(TunnelEndReason.RegistryUnavailable, "the registry cannot be asked");
            return;
        }

        _verifiers = lookup.Verifiers.Count > 0
            ? lookup.Verifiers
            : [ScramVerifier.Decoy(Hello!.EdgeId, identity.DecoyKey.Current.Span)];
        _scram = new ScramServer(_binding, ScramNonce.Create());
        var challenge = new Challenge { Scram = _scram.Challenge(_first!, _verifiers[0]) };
        _expected = FrameType.Auth;
        host.Send(FrameType.Challenge, ControlCodec.Encode(challenge));
    }

    private void OnHello(ReadOnlySpan<byte> payload)
    {
        if (!ControlCodec.TryDecode<Hello>(payload, out var hello, out var error))
        {
            host.Fail(TunnelEndReason.ProtocolError, $"HELLO: {error}");
            return;
        }

        Hello = hello;
        if (hello!.Version != 2)
        {
            host.Fail(TunnelEndReason.VersionMismatch, $"the edge speaks version {hello.Version} of the protocol, this hub version 2");
            return;
        }

        if (!ScramServer.TryParseClientFirst(hello.Scram, out _first) || _first!.EdgeId != hello.EdgeId)
        {
            host.Fail(TunnelEndReason.ProtocolError, "HELLO: scram is not a client-first-message of that edge");
            return;
        }

        host.OnHello(hello);
    }

    private void OnAuth(ReadOnlySpan<byte> payload)
    {
        if (!ControlCodec.TryDecode<Auth>(payload, out var auth, out var error))
        {
            host.Fail(TunnelEndReason.ProtocolError, $"AUTH: {error}");
            return;
        }

        var status = _scram!.Finish(auth!.Scram, _verifiers, out var serverFinal, out var matched);
        if (status != ScramStatus.Ok)
        {
            host.Fail(TunnelEndReason.BadCredentials, Explain(status));
            return;
        }

        MatchedVerifier = matched;
        if (Admit() is { } full)
        {
            host.Fail(TunnelEndReason.Busy, full);
            return;
        }

        var hubs = Hubs();
        var welcome = new Welcome
        {
            Scram = serverFinal,
            HubId = identity.HubId,
            Software = identity.Software,
            Buffer = host.BufferBytes == FrameLimits.DefaultBuffer ? null : host.BufferBytes,
            Hubs = hubs.Names,
            HubsVersion = hubs.Version == 0 ? null : hubs.Version,
        };
        host.Send(FrameType.Welcome, ControlCodec.Encode(welcome));
        host.OnAuthenticated(null);
    }

    // For the hub's log. The edge is told one sentence for all of them.
    private static string Explain(ScramStatus status) => status switch
    {
        ScramStatus.WrongChannelBinding => "the edge saw another certificate: somebody stands in between",
        ScramStatus.WrongProof => "unknown edge id or wrong secret",
        _ => $"malformed proof ({status})",
    };
}
