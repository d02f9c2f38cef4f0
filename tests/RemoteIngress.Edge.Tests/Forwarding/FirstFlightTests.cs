using RemoteIngress.Edge.Forwarding;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tests.Forwarding;

public sealed class FirstFlightTests
{
    [Fact]
    public void Nothing_IsRepeatable()
    {
        var flight = new FirstFlight(new LoopUsage());

        Assert.True(flight.IsRepeatable);
        Assert.False(flight.HasReplay);
    }

    [Fact]
    public void PlainText_IsNotRepeatableAndNotKept()
    {
        var flight = new FirstFlight(new LoopUsage());

        flight.Record("GET /"u8);
        flight.Rewind();

        Assert.False(flight.IsRepeatable);
        Assert.False(flight.HasReplay);
    }

    [Fact]
    public void ClientHello_InPieces_IsReplayedWhole()
    {
        var hello = MoveTests.ClientHello;
        var flight = new FirstFlight(new LoopUsage());
        flight.Record(hello.AsSpan(0, 100));
        flight.Record(hello.AsSpan(100));
        flight.Rewind();

        var replayed = new byte[hello.Length];
        var first = flight.Replay(replayed.AsSpan(0, 7));
        var second = flight.Replay(replayed.AsSpan(first));

        Assert.Equal(hello, replayed);
        Assert.Equal(hello.Length, first + second);
        Assert.False(flight.HasReplay);
        flight.Free();
    }

    [Fact]
    public void ClientHello_AndMore_IsNotRepeatable()
    {
        var flight = new FirstFlight(new LoopUsage());
        flight.Record(MoveTests.ClientHello);
        Assert.True(flight.IsRepeatable);

        flight.Record([0x17, 3, 3, 0, 1, 0]);

        Assert.False(flight.IsRepeatable);
    }
}
