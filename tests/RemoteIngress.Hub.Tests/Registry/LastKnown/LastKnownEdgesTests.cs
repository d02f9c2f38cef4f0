using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Hub.Tests.Tunnels;

namespace RemoteIngress.Hub.Tests.Registry.LastKnown;

public sealed class LastKnownEdgesTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly LastKnownEdges _known;

    public LastKnownEdgesTests() => _known = new LastKnownEdges(_time);

    [Fact]
    public void What_was_answered_is_known_for_a_day_and_not_longer()
    {
        _known.Keep(Record("a", 1));

        _time.Advance(LastKnownEdges.MaxAge);
        Assert.Equal(1, _known.Find("a")!.Generation);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_known.Find("a"));
        Assert.Empty(_known.Snapshot());
    }

    [Fact]
    public void A_confirmation_makes_it_young_again_but_only_of_the_same_generation()
    {
        _known.Keep(Record("a", 1));
        _known.Keep(Record("b", 1));
        _time.Advance(TimeSpan.FromHours(23));
        _known.Confirm("a", 1);
        _known.Confirm("b", 2);

        _time.Advance(TimeSpan.FromHours(2));

        Assert.NotNull(_known.Find("a"));
        Assert.Null(_known.Find("b"));
    }

    [Fact]
    public void A_push_changes_what_is_known_and_nothing_else()
    {
        _known.Keep(Record("a", 5));

        _known.Update(Record("a", 4));
        _known.Update(Record("b", 9));
        Assert.Equal(5, _known.Find("a")!.Generation);
        Assert.Null(_known.Find("b"));
        _known.Update(Record("a", 6));
        Assert.Equal(6, _known.Find("a")!.Generation);
    }

    [Fact]
    public void A_late_answer_does_not_undo_a_push()
    {
        _known.Keep(Record("a", 5));
        _known.Update(Record("a", 6));

        _known.Keep(Record("a", 5));

        Assert.Equal(6, _known.Find("a")!.Generation);
    }

    [Fact]
    public void Not_registered_deletes_it()
    {
        _known.Keep(Record("a", 5));
        _known.Keep(Record("b", 5));

        _known.Forget("a");
        _known.Forget("b", generation: 5);
        Assert.Null(_known.Find("a"));
        Assert.NotNull(_known.Find("b"));
        _known.Forget("b", generation: 6);
        Assert.Null(_known.Find("b"));
    }

    [Fact]
    public async Task Changes_wake_the_writer_and_confirmations_do_not()
    {
        _known.Keep(Record("a", 5));
        var change = _known.NextChangeAsync();

        _known.Keep(Record("a", 5));
        _known.Confirm("a", 5);
        _known.Forget("nobody");
        Assert.False(change.IsCompleted);
        _known.Update(Record("a", 6));
        await change;
        change = _known.NextChangeAsync();
        _known.Forget("a");
        await change;
    }

    [Fact]
    public void What_is_restored_gives_way_to_what_is_known_and_is_left_out_when_it_is_old()
    {
        _known.Keep(Record("a", 5));
        var now = _time.GetUtcNow();

        var count = _known.Restore(
        [
            new KnownEdge(Record("a", 9), now), new KnownEdge(Record("b", 1), now.AddHours(-1)),
            new KnownEdge(Record("old", 1), now.AddHours(-25)), new KnownEdge(Record("future", 1), now.AddHours(25)),
        ]);

        Assert.Equal(1, count);
        Assert.Equal(5, _known.Find("a")!.Generation);
        Assert.Equal(1, _known.Find("b")!.Generation);
        Assert.Equal(["a", "b"], _known.Snapshot().Select(known => known.Record.EdgeId));
    }

    [Fact]
    public void Beyond_the_bound_the_one_confirmed_longest_ago_goes()
    {
        var record = Record("x", 1);
        for (var i = 0; i < LastKnownEdges.MaxEdges; i++)
        {
            _known.Keep(record with { EdgeId = $"e{i}" });
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        _known.Confirm("e0", 1);
        _known.Keep(record with { EdgeId = "one more" });

        Assert.Equal(LastKnownEdges.MaxEdges, _known.Snapshot().Count);
        Assert.NotNull(_known.Find("e0"));
        Assert.NotNull(_known.Find("one more"));
    }

    internal static EdgeRecord Record(string id, long generation) =>
        FakeRegistry.Record(id, "a secret of this test", generation, new EdgeSettings { ListenPorts = [443], FirewallConfig = new FirewallConfig { BlockedIps = ["192.0.2.1"] } }, "the one before");
}
