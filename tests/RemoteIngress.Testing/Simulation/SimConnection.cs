using System.Text;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>A client, the stream it travels on and, once OPEN arrived, its target.</summary>
internal sealed class SimConnection
{
    private readonly SimTunnel _tunnel;
    private readonly Random _random;

    internal SimConnection(SimTunnel tunnel, int number, int port, Random random)
    {
        _tunnel = tunnel;
        _random = random;
        Number = number;
        Port = port;
        Client = new SimPeer(this, isClient: true, tunnel.Context);
    }

    internal int Number { get; }

    /// <summary>The public port it came to.</summary>
    internal int Port { get; }

    internal SimTunnel Tunnel => _tunnel;

    internal SimPeer Client { get; }

    internal SimPeer? Target { get; private set; }

    /// <summary>What the hub answered OPEN with instead of taking it.</summary>
    internal StreamEndReason? Refusal { get; private set; }

    /// <summary>When the target accepts; <see cref="long.MaxValue"/> once it has.</summary>
    internal long AcceptsAt { get; set; } = long.MaxValue;

    /// <summary>Its target takes nothing for now.</summary>
    internal bool HasStalledTarget { get; set; }

    internal Action? WhenReset { get; set; }

    internal byte[] ProxyLine => Encoding.ASCII.GetBytes($"PROXY TCP4 192.0.2.1 198.51.100.1 {Number} {Port}\r\n");

    /// <summary>Nothing of it is left at either end, nor can come.</summary>
    internal bool IsOver => Client.IsDone && (Target?.IsDone ?? (IsRefused || _tunnel.Hub.Core.IsClosed));

    private bool IsRefused => _tunnel.Hub.Sent.Of(Client.Stream.Id).IsReset;

    internal bool IsAtRest => AcceptsAt == long.MaxValue && Client.Unread + (Target?.Unread ?? 0) == 0;

    /// <summary>The hub's side of OPEN.</summary>
    internal void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload, long now)
    {
        Require(Target is null && Refusal is null, $"connection {Number} was opened twice");
        Require(payload.SequenceEqual(ProxyLine), $"connection {Number} came with another PROXY line");
        if (_random.Next(12) == 0)
        {
            Refusal = _random.Next(2) == 0 ? StreamEndReason.TargetUnreachable : StreamEndReason.LimitReached;
            stream.Reset(Refusal.Value);
            return;
        }

        Target = new SimPeer(this, isClient: false, _tunnel.Context) { Stream = stream };
        stream.Peer = Target;
        Target.SetStalled(HasStalledTarget, now);
        AcceptsAt = now + (_random.Next(3) == 0 ? 0 : _random.Next(300_000));
    }

    internal void Accept()
    {
        AcceptsAt = long.MaxValue;
        if (_random.Next(15) == 0)
        {
            Target!.Reset(StreamEndReason.TargetRefused);
        }
        else
        {
            Target!.Open();
        }
    }

    internal SimEnd EndOf(SimPeer peer) => peer == Client ? _tunnel.Edge : _tunnel.Hub;

    /// <summary>An end that gave the connection up to keep within its bounds.</summary>
    internal StreamEndReason? GivenUp { get; private set; }

    /// <summary>Whether somebody really said <paramref name="reason"/>.</summary>
    internal bool Explains(SimPeer told, StreamEndReason reason)
    {
        var far = told == Client ? Target : Client;
        if (EndOf(told).Core.IsClosed && reason == StreamEndReason.TunnelLost)
        {
            return true;
        }

        if (reason is StreamEndReason.BufferExhausted or StreamEndReason.Stalled)
        {
            return GivenUp == reason || (GivenUp is null && MayGiveUp(told, reason));
        }

        if (far is { IsOwnReset: true })
        {
            return far.Reason == reason;
        }

        // The hub's multiplexer refuses on its own while it drains or is full.
        return told == Client && Target is null
            && (Refusal is null
                ? (reason == StreamEndReason.Shutdown && _tunnel.Hub.Core.Mux.RefusesStreams) || reason == StreamEndReason.LimitReached
                : Refusal == reason);
    }

    // Its own end decided: because all there was to keep is kept, or because this one took nothing for too long.
    private bool MayGiveUp(SimPeer told, StreamEndReason reason)
    {
        GivenUp = reason;
        _tunnel.Context.HasGivenUp = true;
        var mux = EndOf(told).Core.Mux;
        var process = told == Client ? _tunnel.Slot.EdgeProcess : _tunnel.Slot.HubProcess;
        return reason == StreamEndReason.Stalled
            ? told.IsStill(process.Options.Buffers.StalledAfter)
            : mux.Holdings.Held + FrameLimits.MaxData > mux.Holdings.Bound || process.Holdings.Held + FrameLimits.MaxData > process.Holdings.Bound;
    }

    internal void OnReset() => WhenReset?.Invoke();

    /// <summary>What the client and the target know of each other must agree once nothing is under way.</summary>
    internal void CheckEnd()
    {
        CheckSums();
        if (Client.Reason is null && Target is { Reason: null })
        {
            Require(Target.Received == Client.Sent && Client.Received == Target.Sent, $"connection {Number} lost bytes at its end");
        }
    }

    internal void CheckSums()
    {
        Require(Client.Received <= (Target?.Sent ?? 0), $"client {Number} received more than was sent");
        Require((Target?.Received ?? 0) <= Client.Sent, $"target {Number} received more than was sent");
        Require(!Client.EndReceived || (Target!.EndSent && Target.Sent == Client.Received), $"client {Number} was told the end before the last byte");
        Require(Target is not { EndReceived: true } || (Client.EndSent && Client.Sent == Target.Received), $"target {Number} was told the end before the last byte");
    }
}
