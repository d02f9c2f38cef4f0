using System.Buffers.Binary;

namespace RemoteIngress.Transport.Tunnels;

/// <summary>
/// Decides when to probe and when to give up, and measures the round trip. Time that this process itself lost (stopped, suspended) is not
/// held against the peer: the first look after such a gap asks before it judges.
/// </summary>
internal sealed class Liveness(TunnelOptions options, long now)
{
    // A deadline met this late means that we were not running, since a loop's timers are precise to milliseconds.
    private const long Stall = 2_000_000;

    private readonly long _pingInterval = (long)options.PingInterval.TotalMicroseconds;
    private readonly long _deadAfter = (long)options.DeadAfter.TotalMicroseconds;
    private readonly long _handshakeDeadline = now + (long)options.HandshakeTimeout.TotalMicroseconds;
    private readonly byte[] _ping = new byte[sizeof(long)];
    private long _nextPing = now;
    private long _awaited = -1;

    /// <summary>When the last byte of the peer came, in microseconds.</summary>
    internal long LastReceived { get; private set; } = now;

    /// <summary>Smoothed round trip in microseconds (1/8 of each new sample); 0 before the first.</summary>
    internal long RoundTrip { get; private set; }

    /// <summary>A PING is out whose PONG has not come.</summary>
    internal bool IsAwaitingPong => _awaited >= 0;

    internal void OnReceived(long now) => LastReceived = now;

    internal void OnAuthenticated(long now) => _nextPing = now;

    internal long NextDeadline(bool authenticated) =>
        authenticated ? Math.Min(_nextPing, LastReceived + _deadAfter) : _handshakeDeadline;

    internal LivenessAction Advance(long now, bool authenticated)
    {
        if (!authenticated)
        {
            return now >= _handshakeDeadline ? LivenessAction.HandshakeTimedOut : LivenessAction.None;
        }

        if (now - NextDeadline(authenticated: true) > Stall)
        {
            LastReceived = now;
        }

        if (now - LastReceived >= _deadAfter)
        {
            return LivenessAction.PeerSilent;
        }

        return now >= _nextPing ? LivenessAction.Ping : LivenessAction.None;
    }

    /// <summary>The payload of a PING that leaves now. At most one is awaited: a lost answer is replaced by the next.</summary>
    internal ReadOnlySpan<byte> StartPing(long now)
    {
        _nextPing = now + _pingInterval;
        _awaited = now;
        BinaryPrimitives.WriteInt64BigEndian(_ping, now);
        return _ping;
    }

    internal void OnPong(long sentAt, long now)
    {
        if (sentAt != _awaited)
        {
            return;
        }

        _awaited = -1;
        var sample = now - sentAt;
        RoundTrip = RoundTrip == 0 ? sample : RoundTrip + ((sample - RoundTrip) / 8);
    }
}
