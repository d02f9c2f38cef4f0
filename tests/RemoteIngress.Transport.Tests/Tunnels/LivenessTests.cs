using System.Buffers.Binary;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Transport.Tests.Tunnels;

public sealed class LivenessTests
{
    private const long Second = 1_000_000;
    private const long Start = 1000 * Second;

    [Fact]
    public void Advance_BeforeAuthentication_OnlyTheHandshakeDeadlineCounts()
    {
        var liveness = new Liveness(TunnelOptions.Default, Start);

        Assert.Equal(Start + (10 * Second), liveness.NextDeadline(false));
        Assert.Equal(LivenessAction.None, liveness.Advance(Start + (10 * Second) - 1, false));
        Assert.Equal(LivenessAction.HandshakeTimedOut, liveness.Advance(Start + (10 * Second), false));
    }

    [Fact]
    public void Advance_AnsweringPeer_PingsAtOnceAndThenEveryFiveSeconds()
    {
        var liveness = Authenticated();
        var pings = Drive(liveness, Start + (21 * Second), (l, payload, now) => Answer(l, payload, now));

        Assert.Equal([0, 5, 10, 15, 20], pings.Select(at => (at - Start) / Second));
    }

    [Fact]
    public void Advance_SilentPeer_IsDeadAfterFifteenSeconds()
    {
        var liveness = Authenticated();
        var pings = Drive(liveness, long.MaxValue, static (_, _, _) => { });

        Assert.Equal([0, 5, 10], pings.Select(at => (at - Start) / Second));
    }

    [Fact]
    public void Advance_AnyByte_KeepsThePeerAlive()
    {
        var liveness = Authenticated();
        for (var now = Start; now < Start + (60 * Second); now += Second)
        {
            liveness.OnReceived(now);
            Assert.NotEqual(LivenessAction.PeerSilent, Act(liveness, now));
        }
    }

    [Fact]
    public void Advance_OurOwnStallOfTwentySeconds_AsksBeforeItJudges()
    {
        var liveness = Authenticated();
        Assert.Equal(LivenessAction.Ping, Act(liveness, Start));
        var woken = Start + (20 * Second);

        Assert.Equal(LivenessAction.Ping, Act(liveness, woken));
        for (var now = woken + Second; now < woken + (15 * Second); now += Second)
        {
            Assert.NotEqual(LivenessAction.PeerSilent, Act(liveness, now));
        }

        Assert.Equal(LivenessAction.PeerSilent, Act(liveness, woken + (15 * Second)));
    }

    [Fact]
    public void OnPong_Samples_AreSmoothedByAnEighth()
    {
        var liveness = Authenticated();
        Assert.Equal(0, liveness.RoundTrip);
        RoundTrip(liveness, Start, 8000);
        Assert.Equal(8000, liveness.RoundTrip);
        RoundTrip(liveness, Start + Second, 16_000);
        Assert.Equal(9000, liveness.RoundTrip);
        RoundTrip(liveness, Start + (2 * Second), 1000);
        Assert.Equal(8000, liveness.RoundTrip);
    }

    [Fact]
    public void OnPong_NotTheAwaitedOne_IsIgnored()
    {
        var liveness = Authenticated();
        liveness.StartPing(Start);
        liveness.OnPong(Start + 1, Start + 500);
        Assert.True(liveness.IsAwaitingPong);
        liveness.OnPong(Start, Start + 700);
        liveness.OnPong(Start, Start + 90_000);

        Assert.Equal(700, liveness.RoundTrip);
        Assert.False(liveness.IsAwaitingPong);
    }

    private static Liveness Authenticated()
    {
        var liveness = new Liveness(TunnelOptions.Default, Start);
        liveness.OnReceived(Start);
        liveness.OnAuthenticated(Start);
        return liveness;
    }

    private static void RoundTrip(Liveness liveness, long now, long duration)
    {
        liveness.StartPing(now);
        liveness.OnPong(now, now + duration);
    }

    private static void Answer(Liveness liveness, byte[] payload, long now)
    {
        liveness.OnReceived(now + 10);
        liveness.OnPong(BinaryPrimitives.ReadInt64BigEndian(payload), now + 10);
    }

    private static LivenessAction Act(Liveness liveness, long now)
    {
        var action = liveness.Advance(now, authenticated: true);
        if (action == LivenessAction.Ping)
        {
            liveness.StartPing(now);
        }

        return action;
    }

    // Advances from deadline to deadline as a loop's timer does; returns when the pings left.
    private static List<long> Drive(Liveness liveness, long until, Action<Liveness, byte[], long> onPing)
    {
        var pings = new List<long>();
        while (true)
        {
            var now = liveness.NextDeadline(authenticated: true);
            if (now > until)
            {
                return pings;
            }

            switch (liveness.Advance(now, authenticated: true))
            {
                case LivenessAction.Ping:
                    pings.Add(now);
                    onPing(liveness, liveness.StartPing(now).ToArray(), now);
                    break;
                case LivenessAction.PeerSilent:
                    Assert.Equal(Start + (15 * Second), now);
                    return pings;
                default:
                    Assert.Fail($"woken for nothing at {now}");
                    break;
            }
        }
    }
}
