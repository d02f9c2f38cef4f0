using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Edge.PublicIp;
using RemoteIngress.Protocol.Stun;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Stun;

namespace RemoteIngress.Edge.Tests.PublicIp;

public sealed class StunQueryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StunCounters _counters = new();

    private static CancellationToken Token => Timeouts.Token();

    [Fact]
    public async Task Answer_GivesTheAddress()
    {
        await using var server = new FakeStunServer();
        var query = AskAsync(server);

        server.Reply(await server.NextAsync(Token), "203.0.113.7:4711");

        Assert.Equal(new StunAnswer(IPAddress.Parse("203.0.113.7"), ""), await query);
        Assert.Equal((1, 0), (_counters.Answered, _counters.Failed));
    }

    [Fact]
    public async Task NoAnswer_IsAskedSevenTimesAtTheTimesOfTheRfc_ThenGivenUp()
    {
        await using var server = new FakeStunServer();
        var query = AskAsync(server);
        var first = await server.NextAsync(Token);

        foreach (var wait in new[] { 500, 1000, 2000, 4000, 8000, 16_000 })
        {
            _time.Advance(TimeSpan.FromMilliseconds(wait - 1));
            Assert.False(server.TryNext(out _));
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(first, await server.NextAsync(Token));
        }

        _time.Advance(TimeSpan.FromMilliseconds(7999));
        Assert.False(query.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(StunAnswer.Failed("no answer in 39.5 s"), await query);
        Assert.False(server.TryNext(out _));
        Assert.Equal((0, 1), (_counters.Answered, _counters.Failed));
    }

    [Fact]
    public async Task AnswerToTheLastRequest_StillCounts()
    {
        await using var server = new FakeStunServer();
        var query = AskAsync(server);
        var request = await server.NextAsync(Token);
        for (var i = 0; i < 6; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500 << i));
            request = await server.NextAsync(Token);
        }

        _time.Advance(TimeSpan.FromSeconds(7));
        server.Reply(request, "203.0.113.7:1");

        Assert.Equal(IPAddress.Parse("203.0.113.7"), (await query).Address);
    }

    [Fact]
    public async Task WhatIsNoAnswer_IsCountedAndDoesNotEndTheWait()
    {
        await using var server = new FakeStunServer();
        await using var spoofer = new FakeStunServer();
        var query = AskAsync(server);
        var request = await server.NextAsync(Token);
        var forged = IPEndPoint.Parse("192.0.2.66:1");

        spoofer.Send(request, StunReply.Mapped(request.Id, forged));
        server.Send(request, StunReply.Mapped(request.Id with { Low = request.Id.Low ^ 1 }, forged));
        server.Send(request, StunReply.Success(request.Id).XorMapped(forged).Fingerprint(error: 1).ToArray());
        server.Send(request, [.. StunReply.Mapped(request.Id, forged), 0]);
        server.Send(request, []);
        server.Reply(request, "203.0.113.7:1");

        Assert.Equal(IPAddress.Parse("203.0.113.7"), (await query).Address);
        Assert.Equal(
            new Dictionary<string, long> { ["wrong_source"] = 1, ["wrong_transaction"] = 1, ["malformed"] = 2, ["bad_fingerprint"] = 1 },
            _counters.Ignored());
    }

    [Fact]
    public async Task EachQuestion_HasAPortAndAnIdOfItsOwn()
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var requests = new List<StunRequest>();
        for (var i = 0; i < 4; i++)
        {
            await AskAsync(server);
            requests.Add(await server.NextAsync(Token));
        }

        Assert.Equal(4, requests.Select(request => request.Id).Distinct().Count());
        Assert.True(requests.Select(request => request.From.Port).Distinct().Count() > 1);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "error", "the server answers with error 401 Unauthenticated" },
        { "bare error", "the server answers with error 300" },
        { "nothing", "the answer holds no address" },
        { "unknown", "the answer holds an attribute that must be understood and is not" },
        { "other family", "the server sees 2001:db8::1, an address of the other family" },
        { "any", "the server says 0.0.0.0, which is no host's address" },
        { "multicast", "the server says 224.0.0.1, which is no host's address" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task AnswerWithoutAnAddress_EndsTheQuestionWithTheReason(string kind, string expected)
    {
        await using var server = new FakeStunServer();
        var query = AskAsync(server);
        var request = await server.NextAsync(Token);

        server.Send(request, Refusal(kind, request.Id));

        Assert.Equal(StunAnswer.Failed(expected), await query);
    }

    [Fact]
    public async Task NoWayToTheServer_IsTheSystemsReason()
    {
        // from loopback nothing leaves this machine
        var answer = await new StunQuery(_time, _counters).AskAsync(IPEndPoint.Parse("192.0.2.1:3478"), IPAddress.Loopback, Token);

        Assert.Null(answer.Address);
        Assert.NotEmpty(answer.Error);
        Assert.Equal(1, _counters.Failed);
    }

    [Fact]
    public async Task IPv6_IsAskedAndAnswered()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 on this machine");
        await using var server = new FakeStunServer(IPAddress.IPv6Loopback);
        var query = new StunQuery(_time, _counters).AskAsync(server.EndPoint, IPAddress.IPv6Any, Token);

        server.Reply(await server.NextAsync(Token), "[2001:db8::7]:1");

        Assert.Equal(IPAddress.Parse("2001:db8::7"), (await query).Address);
    }

    [Fact]
    public async Task Cancelled_EndsAtOnce()
    {
        await using var server = new FakeStunServer();
        using var stop = new CancellationTokenSource();
        var query = new StunQuery(_time, _counters).AskAsync(server.EndPoint, IPAddress.Loopback, stop.Token);
        await server.NextAsync(Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
    }

    private static byte[] Refusal(string kind, StunTransactionId id) => kind switch
    {
        "error" => StunReply.Failure(id).ErrorCode(401, "Unauthenticated").ToArray(),
        "bare error" => StunReply.Failure(id).ErrorCode(300, "").ToArray(),
        "nothing" => StunReply.Success(id).ToArray(),
        "unknown" => StunReply.Success(id).Attribute(0x0030).ToArray(),
        "other family" => StunReply.Mapped(id, IPEndPoint.Parse("[2001:db8::1]:1")),
        "any" => StunReply.Mapped(id, IPEndPoint.Parse("0.0.0.0:1")),
        _ => StunReply.Mapped(id, IPEndPoint.Parse("224.0.0.1:1")),
    };

    private Task<StunAnswer> AskAsync(FakeStunServer server) => new StunQuery(_time, _counters).AskAsync(server.EndPoint, IPAddress.Any, Token);
}
