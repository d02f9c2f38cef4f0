using RemoteIngress.Edge.Hubs;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Tests.Hubs;

public sealed class HubOpinionsTests
{
    private static readonly HubAddress A = new("a", 1), B = new("b", 1), C = new("c", 1), D = new("d", 1);

    [Fact]
    public void Named_IsWhatAnyLiveHubNames_UntilItsLastTunnelIsGone()
    {
        var opinions = new HubOpinions();
        opinions.OnUp(A, "hub-a", ["a:1", "b:1"], 1);
        opinions.OnUp(A, "hub-a", ["a:1", "b:1"], 1);
        opinions.OnUp(B, "hub-b", ["b:1", "c:1"], 1);
        Assert.Equal([A, B, C], opinions.Read().Named!.OrderBy(hub => hub.Host));

        opinions.OnDown("hub-b");
        opinions.OnDown("hub-a");
        Assert.Equal([A, B], opinions.Read().Named!);

        opinions.OnDown("hub-a");
        Assert.Null(opinions.Read().Named);
        Assert.Equal("hub-b", opinions.Read().Ids[B]);
        opinions.Keep([A]);
        Assert.Equal([A], opinions.Read().Ids.Keys);
    }

    [Fact]
    public void OlderListThatComesLater_IsIgnored()
    {
        var opinions = new HubOpinions();
        opinions.OnUp(A, "hub-a", ["a:1"], 5);
        opinions.OnSaid("hub-a", ["a:1", "b:1"], 6);

        opinions.OnUp(A, "hub-a", ["a:1"], 5);

        Assert.Equal([A, B], opinions.Read().Named!);
    }

    [Fact]
    public void EmptyList_ChangesNothing_AndBoundedOnesAreCut()
    {
        var opinions = new HubOpinions();
        opinions.OnUp(A, "hub-a", [], 0);
        Assert.Null(opinions.Read().Named);
        opinions.OnSaid("hub-a", ["a:1"], 1);
        opinions.OnSaid("hub-a", [], 2);
        Assert.Equal([A], opinions.Read().Named!);

        opinions.OnSaid("hub-a", [.. Enumerable.Range(1, 100).Select(port => $"h:{port}")], 3);

        Assert.Equal(HubOpinions.MaxNames, opinions.Read().Named!.Count);
    }

    [Fact]
    public void Choice_SpreadsEdges_KeepsMostWhenAHubComes_AndCountsHubsNotNames()
    {
        HubAddress[] named = [.. Enumerable.Range(1, 20).Select(i => new HubAddress($"10.0.0.{i}", 8443))];
        var nobody = new Dictionary<HubAddress, string>();
        var counts = Enumerable.Range(0, 400).SelectMany(edge => HubChoice.Choose([], named, nobody, 4, $"edge-{edge}")).CountBy(hub => hub).ToArray();
        Assert.Equal(20, counts.Length);
        Assert.All(counts, count => Assert.InRange(count.Value, 40, 130));

        var before = HubChoice.Choose([A], named, nobody, 4, "e");
        var after = HubChoice.Choose([A], [B, .. named], nobody, 4, "e");
        Assert.Equal(A, before[0]);
        Assert.True(after.Except(before).Count() <= 1);

        // b is another name of a: it costs no place
        Assert.Equal([A, B], HubChoice.Choose([A], [B], new Dictionary<HubAddress, string> { [A] = "x", [B] = "x" }, 1, "e"));
        Assert.Equal([A, C, D], HubChoice.Choose([A, C, D], [B], nobody, 3, "e"));
    }
}
