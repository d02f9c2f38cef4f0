using System.Text;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Hub.Admin;
using RemoteIngress.Hub.Events;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Admin;

/// <summary><c>GET /api/v1/events</c>.</summary>
public sealed class EventApiTests
{
    private static readonly EdgeConnectedEventArgs Connected = new("edge-1", "i-1", "198.51.100.7:40000", "tcpTls", DateTimeOffset.UnixEpoch);
    private static readonly EdgeDisconnectedEventArgs Disconnected = new("edge-1", "i-1", "connection_lost", DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_reader_gets_what_it_asked_for_and_the_end_with_the_hub()
    {
        await using var host = await AdminHost.StartAsync();
        using var answer = await host.Http.GetAsync(
            new Uri("/api/v1/events?types=EdgeDisconnected,crashRecovered", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Timeouts.Token());
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.ToString());
        host.Events.Deliver(Connected);
        host.Events.Deliver(Disconnected);

        host.Events.Feed.End();
        var text = await answer.Content.ReadAsStringAsync(Timeouts.Token());

        Assert.Equal(
            """
            : events of this hub from now on

            id: 2
            event: edgeDisconnected
            data: {"edgeId":"edge-1","instanceId":"i-1","reason":"connection_lost","at":"1970-01-01T00:00:00+00:00"}


            """,
            text);
    }

    [Fact]
    public async Task Without_the_token_and_with_an_unknown_type_it_answers_a_problem()
    {
        await using var host = await AdminHost.StartAsync();

        var stranger = await host.GetAsync("/api/v1/events", request => request.Headers.Add("Authorization", "Bearer wrong"));
        var unknown = await host.GetAsync("/api/v1/events?types=edgeConnected,nothing");

        Assert.Equal(401, stranger.Status);
        Assert.Equal(400, unknown.Status);
        Assert.Contains("types: there is no event 'nothing'; there are edgeConnected, ", unknown.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_too_many_is_told_so_and_one_that_goes_leaves_its_place()
    {
        await using var host = await AdminHost.StartAsync();
        var readers = new List<HttpResponseMessage>();
        for (var i = 0; i < EventFeed.MaxReaders; i++)
        {
            readers.Add(await host.Http.GetAsync(new Uri("/api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Timeouts.Token()));
        }

        Assert.Equal(503, (await host.GetAsync("/api/v1/events")).Status);

        readers.ForEach(static reader => reader.Dispose());
        await Poll.UntilAsync("a place is free", () =>
        {
            using var reader = host.Events.Feed.TryAdd(new HashSet<string>());
            return reader is not null;
        }, Timeouts.Token());
    }

    [Fact]
    public async Task Silence_is_broken_by_a_comment_every_15_seconds()
    {
        var time = new FakeTimeProvider();
        using var body = new GrowingBody();
        var events = new HubEvents(this, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        events.Feed.Open();
        using var reader = events.Feed.TryAdd(EventNames.All.ToHashSet())!;
        var writing = EventEndpoints.WriteAsync(reader, body, time, Timeouts.Token());

        await body.UntilAsync(": events of this hub from now on\n\n", time);
        await body.UntilAsync(": heartbeat\n\n: heartbeat\n\n", time);
        Assert.True(body.Waited >= 2 * EventEndpoints.Heartbeat);
        events.Feed.End();
        await writing.WaitAsync(Timeouts.Token());
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_the_oldest_and_is_told_how_many()
    {
        var events = new HubEvents(this, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        events.Feed.Open();
        using var slow = events.Feed.TryAdd(EventNames.All.ToHashSet())!;
        using var body = new MemoryStream();
        for (var i = 0; i < FeedReader.Capacity + 7; i++)
        {
            events.Deliver(Connected);
        }

        events.Feed.End();
        await EventEndpoints.WriteAsync(slow, body, TimeProvider.System, Timeouts.Token());

        var lines = Encoding.UTF8.GetString(body.ToArray()).Split('\n');
        Assert.Equal(["event: dropped", "data: {\"count\":7}", "", "id: 8"], lines[2..6]);
        Assert.Equal(FeedReader.Capacity, lines.Count(line => line == "event: edgeConnected"));
    }

    [Fact]
    public void Connections_cost_something_only_while_somebody_listens_to_them()
    {
        var events = new HubEvents(this, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        events.Feed.Open();
        EventHandler<StreamClosedEventArgs> handler = (_, _) => { };
        Assert.False(events.WantsStreams);

        events.StreamClosed += handler;
        Assert.True(events.WantsStreams);
        events.StreamClosed -= handler;
        Assert.False(events.WantsStreams);

        using (events.Feed.TryAdd(new HashSet<string> { "edgeConnected" }))
        {
            Assert.False(events.WantsStreams);
        }

        using (events.Feed.TryAdd(new HashSet<string> { "streamOpened" }))
        {
            Assert.True(events.WantsStreams);
        }

        Assert.False(events.WantsStreams);
    }

    /// <summary>A body that can be looked at while it is written.</summary>
    private sealed class GrowingBody : MemoryStream
    {
        private readonly Lock _lock = new();

        public TimeSpan Waited { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_lock)
            {
                Write(buffer.Span);
            }

            return ValueTask.CompletedTask;
        }

        public Task<TimeSpan> UntilAsync(string text, FakeTimeProvider time) => Poll.UntilAsync(text, () =>
        {
            lock (_lock)
            {
                if (Encoding.UTF8.GetString(ToArray()).Contains(text, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            time.Advance(TimeSpan.FromSeconds(1));
            Waited += TimeSpan.FromSeconds(1);
            return false;
        }, Timeouts.Token());
    }
}
