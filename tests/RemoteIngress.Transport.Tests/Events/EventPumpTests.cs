using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Events;

namespace RemoteIngress.Transport.Tests.Events;

public sealed class EventPumpTests
{
    [Fact]
    public async Task What_is_told_comes_in_order_and_what_finds_the_queue_full_is_counted()
    {
        var pump = new EventPump(capacity: 3);
        for (var i = 0; i < 5; i++)
        {
            pump.Post(i);
        }

        pump.Complete();
        var delivered = new List<object>();
        await pump.RunAsync(delivered.Add).WaitAsync(Timeouts.Token());

        Assert.Equal([0, 1, 2], delivered);
        Assert.Equal(2, pump.Dropped);
    }

    [Fact]
    public void A_handler_that_throws_is_logged_and_the_others_are_called()
    {
        var log = new RecordingLogger();
        var seen = new List<string>();
        EventHandler<string>? handlers = (_, text) => seen.Add("first " + text);
        handlers += (_, _) => throw new InvalidDataException("mine");
        handlers += (_, text) => seen.Add("last " + text);

        EventPump.Raise(handlers, this, "event", log);
        EventPump.Raise(null, this, "event", log);

        Assert.Equal(["first event", "last event"], seen);
        Assert.Equal(["Error: A handler of String threw InvalidDataException: mine"], log.Lines);
    }
}
