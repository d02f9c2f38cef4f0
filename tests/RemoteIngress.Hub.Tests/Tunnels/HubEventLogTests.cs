using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class HubEventLogTests
{
    [Fact]
    public async Task What_repeats_is_one_line_and_after_a_minute_a_number()
    {
        var time = new FakeTimeProvider();
        var logger = new RecordingLogger();
        var queue = new HubEventQueue();
        await using (new HubEventLog(queue, time, logger, Supervisors.Create()))
        {
            for (var i = 0; i < 3; i++)
            {
                queue.Post(new HubEvent.TargetFailed("edge-1", 443, "10.0.0.5:8443", StreamEndReason.TargetRefused));
                queue.Post(new HubEvent.StreamsRefused("edge-1", HubLimit.StreamsPerEdge, "maxStreamsPerEdge (1) is reached"));
                queue.Post(new HubEvent.AcceptPaused("too many open files"));
            }

            queue.Post(new HubEvent.TargetFailed("edge-1", 80, "10.0.0.5:8080", StreamEndReason.TargetRefused));
            await RemoteIngress.Testing.Poll.UntilAsync("the queue is read", () => queue.Reader.Count == 0, RemoteIngress.Testing.Timeouts.Token());
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(
            [
                "Warning: Edge edge-1 port 443: target 10.0.0.5:8443 cannot be reached, target_refused",
                "Warning: Edge edge-1: new connections are refused: maxStreamsPerEdge (1) is reached",
                "Error: No new tunnels for a moment: too many open files; raise the limit of open files (ulimit -n, LimitNOFILE)",
                "Warning: Edge edge-1 port 80: target 10.0.0.5:8080 cannot be reached, target_refused",
                "Warning: 2 more connections of edge edge-1 port 443 to target 10.0.0.5:8443 failed within a minute, target_refused",
            ],
            logger.Lines);
    }
}
