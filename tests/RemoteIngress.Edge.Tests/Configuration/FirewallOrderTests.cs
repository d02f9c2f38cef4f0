using System.Threading.Channels;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Edge.Tests.Firewall;
using RemoteIngress.Edge.Tests.Hubs;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Testing;

namespace RemoteIngress.Edge.Tests.Configuration;

/// <summary>A packet filter and the ports of one snapshot.</summary>
public sealed class FirewallOrderTests
{
    private static readonly FirewallConfig Blocked = new() { BlockedIps = ["192.0.2.1"] };

    [Fact]
    public async Task Filter_IsInForceBeforeANewPortOpens()
    {
        await using var hub = ScriptedHub.Start();
        var port = EdgeHarness.FreePort();
        bool? isOpenDuring = null;
        var nft = new ScriptedNft { Answer = async script => await AnswerAsync(script) };
        hub.Snapshot = EdgeHarness.Snapshot(1, "eager", port) with { FirewallConfig = Blocked };
        await using var edge = await EdgeHarness.StartAsync([hub.Address], port, nft: nft);

        var ack = await hub.NextAckAsync(edge.Token);

        Assert.Equal(new FirewallResult { Mode = "auto", State = "applied" }, ack.Firewall);
        Assert.False(isOpenDuring);
        using var client = await edge.ConnectAsync();

        async Task<NftResult> AnswerAsync(string script)
        {
            if (script.Contains("192.0.2.1", StringComparison.Ordinal))
            {
                isOpenDuring = await Ports.AcceptsAsync(port, Timeouts.Token());
            }

            return new NftResult("", null);
        }
    }

    [Fact]
    public async Task SlowFilter_HoldsPortsUpForTwoSecondsAtMost_AndIsAcknowledgedWhenItIsDone()
    {
        await using var hub = ScriptedHub.Start();
        var port = EdgeHarness.FreePort();
        var done = new TaskCompletionSource<NftResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var nft = new ScriptedNft { Answer = script => script.Contains("192.0.2.1", StringComparison.Ordinal) ? done.Task : Task.FromResult(new NftResult("", null)) };
        hub.Snapshot = EdgeHarness.Snapshot(1, "eager", port) with { FirewallConfig = Blocked };
        await using var edge = await EdgeHarness.StartAsync([hub.Address], port, nft: nft);

        await Poll.UntilAsync("the port is open although nft hangs", token => Ports.AcceptsAsync(port, token), edge.Token);

        Assert.False(done.Task.IsCompleted);
        done.SetResult(NftResult.Failed("it was killed"));
        var ack = await hub.NextAckAsync(edge.Token);
        Assert.Equal(new FirewallResult { Mode = "auto", State = "failed", Error = "it was killed" }, ack.Firewall);
        Assert.True(Assert.Single(ack.Ports).Ok);
    }

    [Fact]
    public async Task Event_TellsEveryOutcome()
    {
        await using var hub = ScriptedHub.Start();
        var port = EdgeHarness.FreePort();
        var answers = new Queue<NftResult>([NftResult.Failed("not today"), new NftResult("", null)]);
        var nft = new ScriptedNft
        {
            Answer = script => Task.FromResult(script.Contains("192.0.2.1", StringComparison.Ordinal) ? answers.Dequeue() : new NftResult("", null)),
        };
        var told = Channel.CreateUnbounded<FirewallConfigUpdatedEventArgs>();
        hub.Snapshot = EdgeHarness.Snapshot(7, "eager", port) with { FirewallConfig = Blocked };
        await using var edge = await EdgeHarness.StartAsync(
            [hub.Address], port, nft: nft, prepare: edge => edge.FirewallConfigUpdated += (_, e) => told.Writer.TryWrite(e));

        var first = await told.Reader.ReadAsync(edge.Token);
        var second = await told.Reader.ReadAsync(edge.Token);

        Assert.Equal((7, "auto", "failed", "not today"), (first.Generation, first.Mode, first.State, first.Error));
        Assert.Equal((7, "auto", "applied", null), (second.Generation, second.Mode, second.State, second.Error));
    }

    [Fact]
    public async Task FailedFilter_IsTriedAgain_AndAcknowledgedWhenItIsInForce()
    {
        await using var hub = ScriptedHub.Start();
        var port = EdgeHarness.FreePort();
        var nft = new ScriptedNft();
        nft.Answer = script => Task.FromResult(
            script.Contains("192.0.2.1", StringComparison.Ordinal) && nft.Scripts.Count == 1 ? NftResult.Failed("busy") : new NftResult("", null));
        hub.Snapshot = EdgeHarness.Snapshot(1, "eager", port) with { FirewallConfig = Blocked };
        await using var edge = await EdgeHarness.StartAsync([hub.Address], port, nft: nft);

        Assert.Equal("failed", (await hub.NextAckAsync(edge.Token)).Firewall!.State);

        Assert.Equal("applied", (await hub.NextAckAsync(edge.Token)).Firewall!.State);
        Assert.Equal("applied", (await edge.Edge.GetStatusAsync()).Firewall.State);
    }

    [Fact]
    public async Task Required_WithoutNft_DoesNotStart()
    {
        var options = new EdgeOptions
        {
            Hubs = [new("127.0.0.1", 1)],
            EdgeId = ScriptedHub.EdgeId,
            Secret = ScriptedHub.Secret,
            StatusUrl = "none",
            Loops = 1,
            Firewall = FirewallMode.Required,
        };
        await using var edge = new RemoteIngressEdge(options) { Nft = new ScriptedNft { Answer = _ => Task.FromResult(NftResult.Failed("not installed")) } };

        var error = await Assert.ThrowsAsync<EdgeStartException>(() => edge.StartAsync(Timeouts.Token()));

        Assert.StartsWith("--firewall: required, and the packet filter cannot be used: not installed; ", Assert.Single(error.Errors));
    }
}
