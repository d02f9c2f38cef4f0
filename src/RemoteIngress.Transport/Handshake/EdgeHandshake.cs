using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Transport.Handshake;

/// <summary>The edge's side: HELLO, wait for CHALLENGE, AUTH, wait for WELCOME and check that the hub knows the secret too.</summary>
internal sealed class EdgeHandshake(EdgeIdentity identity, IHandshakeHost host) : IHandshake
{
    private ScramClient? _scram;
    private FrameType _expected = FrameType.Challenge;

    public void Begin(ReadOnlyMemory<byte> channelBinding)
    {
        _scram = new ScramClient(identity.EdgeId, identity.Secret, channelBinding, ScramNonce.Create(), identity.Keys);
        var hello = new Hello
        {
            Version = 2,
            EdgeId = identity.EdgeId,
            InstanceId = identity.InstanceId,
            Lane = identity.Lane,
            Attempt = identity.Attempt,
            Software = identity.Software,
            Buffer = host.BufferBytes == FrameLimits.DefaultBuffer ? null : host.BufferBytes,
            Scram = _scram.First(),
        };
        host.Send(FrameType.Hello, ControlCodec.Encode(hello));
    }

    public bool Expects(FrameType type) => type == _expected || type == FrameType.Reject;

    public void OnFrame(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (type == FrameType.Challenge)
        {
            OnChallenge(payload);
        }
        else
        {
            OnWelcome(payload);
        }
    }

    private void OnChallenge(ReadOnlySpan<byte> payload)
    {
        if (!ControlCodec.TryDecode<Challenge>(payload, out var challenge, out var error))
        {
            host.Fail(TunnelEndReason.ProtocolError, $"CHALLENGE: {error}");
            return;
        }

        var status = _scram!.TryFinal(challenge!.Scram, out var final);
        if (status != ScramStatus.Ok)
        {
            host.Fail(TunnelEndReason.BadHubProof, $"the hub's challenge is not acceptable ({status})");
            return;
        }

        _expected = FrameType.Welcome;
        host.Send(FrameType.Auth, ControlCodec.Encode(new Auth { Scram = final }));
    }

    private void OnWelcome(ReadOnlySpan<byte> payload)
    {
        if (!ControlCodec.TryDecode<Welcome>(payload, out var welcome, out var error))
        {
            host.Fail(TunnelEndReason.ProtocolError, $"WELCOME: {error}");
            return;
        }

        var status = _scram!.VerifyServer(welcome!.Scram);
        if (status != ScramStatus.Ok)
        {
            host.Fail(TunnelEndReason.BadHubProof, $"the hub did not prove that it knows the secret ({status})");
            return;
        }

        host.OnAuthenticated(welcome);
    }
}
