using System.Buffers;
using System.Text;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Protocol.Tests.Control;

public class ControlCodecTests
{
    private static readonly object[] Messages =
    [
        new Hello { Version = 2, EdgeId = "edge-1", InstanceId = "i.1", Software = "remoteingress/0.1.0", Scram = "p=tls-server-end-point,,n=edge-1,r=a+b" },
        new Challenge { Scram = "r=ab,s=AA==,i=4096" },
        new Auth { Scram = "c=AA==,r=ab,p=AA==" },
        new Welcome { Scram = "v=AA==", HubId = "hub-1", Software = "x", Hubs = ["a:1", "[::1]:2"], HubsVersion = 5 },
        new Reject { Code = RejectCode.VersionMismatch, Message = "Speak 2.", RetryAfterSeconds = 30 },
        new GoAway { Reason = "draining" },
        new ConfigAck
        {
            Generation = 7,
            Ports = [new PortResult { Port = 80, Protocol = "tcp", Ok = true }, new PortResult { Port = 53, Protocol = "udp", Ok = false, Error = "in use" }],
            Firewall = new FirewallResult { Mode = "auto", State = "applied" },
        },
        new EdgeStatusReport { PublicIp = "192.0.2.1", Software = "x", ActiveStreams = 3, ActiveUdpSessions = 1 },
        new EdgeSnapshot
        {
            Generation = 1790000000000,
            ListenPorts = [80, 443],
            ListenPortsUdp = [53],
            FirewallConfig = new FirewallConfig
            {
                BlockedIps = ["203.0.113.0/24"],
                RateLimits = [new RateLimit { Id = "https", Port = 443, Protocol = "tcp", Rate = "200/second", Burst = 100, PerSourceIP = true }],
                Rules = [new FirewallRule { Id = "mon", Direction = "input", Action = "accept", SourceIP = "10.0.0.0/8", DestPort = 9090, Protocol = "tcp", Comment = "" }],
            },
            PortOptions = new Dictionary<string, PortOptions>
            {
                ["443"] = new() { Target = "10.0.0.5:8443", ProxyProtocol = "v2", Open = "confirmed" },
                ["53/udp"] = new() { ProxyProtocol = "v2-every" },
            },
            Hubs = ["hub.example.com:8443"],
        },
    ];

    private static readonly string[] Golden =
    [
        """{"version":2,"edgeId":"edge-1","instanceId":"i.1","software":"remoteingress/0.1.0","scram":"p=tls-server-end-point,,n=edge-1,r=a+b"}""",
        """{"scram":"r=ab,s=AA==,i=4096"}""",
        """{"scram":"c=AA==,r=ab,p=AA=="}""",
        """{"scram":"v=AA==","hubId":"hub-1","software":"x","hubs":["a:1","[::1]:2"],"hubsVersion":5}""",
        """{"code":"versionMismatch","message":"Speak 2.","retryAfterSeconds":30}""",
        """{"reason":"draining"}""",
        """{"generation":7,"ports":[{"port":80,"protocol":"tcp","ok":true},{"port":53,"protocol":"udp","ok":false,"error":"in use"}],"firewall":{"mode":"auto","state":"applied"}}""",
        """{"publicIp":"192.0.2.1","software":"x","activeStreams":3,"activeUdpSessions":1}""",
        """
        {"generation":1790000000000,"listenPorts":[80,443],"listenPortsUdp":[53],"stunIntervalSecs":300,"firewallConfig":{"blockedIps":["203.0.113.0/24"],
        "rateLimits":[{"id":"https","port":443,"protocol":"tcp","rate":"200/second","burst":100,"perSourceIP":true}],
        "rules":[{"id":"mon","direction":"input","action":"accept","sourceIP":"10.0.0.0/8","destPort":9090,"protocol":"tcp","comment":""}]},
        "portOptions":{"443":{"target":"10.0.0.5:8443","proxyProtocol":"v2","open":"confirmed"},"53/udp":{"proxyProtocol":"v2-every"}},"hubs":["hub.example.com:8443"]}
        """,
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Messages.Length)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Encode_EveryMessage_GoldenJson(int index)
    {
        var expected = Golden[index].Replace("\n", "", StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.UTF8.GetString(Apply(index, new EncodeOp())));
        Assert.Equal(expected, Encoding.UTF8.GetString(Apply(index, new WriteOp())));
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void TryDecode_WhatWasEncoded_RoundTrips(int index) =>
        Assert.Equal(Apply(index, new EncodeOp()), Apply(index, new RoundTripOp()));

    [Theory]
    [MemberData(nameof(Indexes))]
    public void TryDecode_EveryTruncation_Fails(int index) => Apply(index, new TruncateOp());

    [Fact]
    public void TryDecode_UnknownMembers_AreIgnored()
    {
        Assert.True(ControlCodec.TryDecode<GoAway>("""{"new":{"x":[1]},"reason":"shutdown"}"""u8, out var value, out var error), error);
        Assert.Equal("shutdown", value!.Reason);
    }

    [Fact]
    public void TryDecode_UnknownRejectCode_IsInternalErrorWithTheMessageKept()
    {
        Assert.True(ControlCodec.TryDecode<Reject>("""{"code":"outOfLuck","message":"Why."}"""u8, out var value, out _));
        Assert.Equal((RejectCode.InternalError, "Why.", 0), (value!.Code, value.Message, value.RetryAfterSeconds));
    }

    [Fact]
    public void TryDecode_BareSnapshot_HasDefaults()
    {
        Assert.True(ControlCodec.TryDecode<EdgeSnapshot>("""{"generation":1}"""u8, out var value, out var error), error);
        Assert.Equal(EdgeSnapshot.DefaultStunIntervalSecs, value!.StunIntervalSecs);
        Assert.Empty(value.ListenPorts);
        Assert.Empty(value.ListenPortsUdp);
        Assert.Empty(value.Hubs);
        Assert.Null(value.FirewallConfig);
    }

    [Theory]
    [InlineData("{\"a\n2026-01-01 edge-1 is up\":{]")]
    [InlineData("{\"\u007f\u001b[2J\":{]")]
    [InlineData("{\"a\u2028b\":{]")]
    public void TryDecode_NamesWithControlCharacters_AreNotRepeatedInTheError(string json)
    {
        Assert.False(ControlCodec.TryDecode<GoAway>(System.Text.Encoding.UTF8.GetBytes(json), out _, out var error));

        Assert.Equal("GoAway: not the JSON object it should be.", error);
    }

    [Fact]
    public void Encode_TypeThatIsNoMessage_Throws() => Assert.Throws<NotSupportedException>(() => ControlCodec.Encode("text"));

    private interface IOp
    {
        byte[] Run<T>(T message)
            where T : class;
    }

    private static byte[] Apply(int index, IOp op) => Messages[index] switch
    {
        Hello m => op.Run(m),
        Challenge m => op.Run(m),
        Auth m => op.Run(m),
        Welcome m => op.Run(m),
        Reject m => op.Run(m),
        GoAway m => op.Run(m),
        ConfigAck m => op.Run(m),
        EdgeStatusReport m => op.Run(m),
        EdgeSnapshot m => op.Run(m),
        _ => throw new InvalidOperationException(),
    };

    private sealed class EncodeOp : IOp
    {
        public byte[] Run<T>(T message)
            where T : class => ControlCodec.Encode(message);
    }

    private sealed class WriteOp : IOp
    {
        public byte[] Run<T>(T message)
            where T : class
        {
            var output = new ArrayBufferWriter<byte>();
            ControlCodec.Write(output, message);
            return output.WrittenSpan.ToArray();
        }
    }

    private sealed class RoundTripOp : IOp
    {
        public byte[] Run<T>(T message)
            where T : class
        {
            Assert.True(ControlCodec.TryDecode<T>(ControlCodec.Encode(message), out var value, out var error), error);
            return ControlCodec.Encode(value!);
        }
    }

    private sealed class TruncateOp : IOp
    {
        public byte[] Run<T>(T message)
            where T : class
        {
            var bytes = ControlCodec.Encode(message);
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.False(ControlCodec.TryDecode<T>(bytes.AsSpan(0, length), out var value, out var error));
                Assert.Null(value);
                Assert.NotNull(error);
            }

            return bytes;
        }
    }

    [Theory]
    [InlineData("\\n")]
    [InlineData("\\u001b[31m")]
    [InlineData("\\u2028")]
    public void TryDecode_TextThatWouldForgeALogLine_IsRefused(string escape)
    {
        var payload = System.Text.Encoding.UTF8.GetBytes($$"""{"reason":"closed{{escape}}2026 info: all is well"}""");

        Assert.False(ControlCodec.TryDecode<GoAway>(payload, out _, out var error));
        Assert.Contains("one line", error, StringComparison.Ordinal);
    }
}
