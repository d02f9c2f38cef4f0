using System.Text;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Protocol.Tests.Control;

public class ControlValidationTests
{
    [Theory]
    [InlineData("""{"version":2,"edgeId":"","instanceId":"i","software":"s","scram":"x"}""", "Hello: edgeId must")]
    [InlineData("""{"version":2,"edgeId":"a b","instanceId":"i","software":"s","scram":"x"}""", "Hello: edgeId must")]
    [InlineData("""{"version":2,"edgeId":"a","instanceId":"i/1","software":"s","scram":"x"}""", "Hello: instanceId must")]
    [InlineData("""{"version":0,"edgeId":"a","instanceId":"i","software":"s","scram":"x"}""", "Hello: version must")]
    [InlineData("""{"version":2,"edgeId":"a","instanceId":"i","software":"s","scram":"x","buffer":1048575}""", "Hello: buffer must be 1048576 to 4294967296")]
    [InlineData("""{"version":2,"edgeId":"a","instanceId":"i","software":"s","scram":"x","buffer":4294967297}""", "Hello: buffer must be")]
    [InlineData("""{"version":2,"edgeId":"a","instanceId":"i","software":"s","scram":""}""", "Hello: scram must")]
    [InlineData("""{"version":2,"edgeId":"a","instanceId":"i","software":"s"}""", "Hello: scram is missing")]
    [InlineData("""{"version":2,"edgeId":null,"instanceId":"i","software":"s","scram":"x"}""", "Hello: edgeId is missing something")]
    [InlineData("""{"version":"2","edgeId":"a","instanceId":"i","software":"s","scram":"x"}""", "Hello: version is missing something")]
    [InlineData("""{"version":2,"version":2,"edgeId":"a","instanceId":"i","software":"s","scram":"x"}""", "Hello: ")]
    [InlineData("null", "Hello: null")]
    [InlineData("[]", "Hello: not the JSON object")]
    [InlineData("{} x", "Hello: not the JSON object")]
    [InlineData("", "Hello: not the JSON object")]
    public void TryDecode_BadHello_NamesTheMember(string json, string expected) => AssertRefused<Hello>(json, expected);

    [Theory]
    [InlineData("""{"generation":-1}""", "EdgeSnapshot: generation must be at least 0")]
    [InlineData("""{"generation":1,"listenPorts":[80,0]}""", "EdgeSnapshot: listenPorts must be 1 to 65535")]
    [InlineData("""{"generation":1,"listenPortsUdp":[65536]}""", "EdgeSnapshot: listenPortsUdp must be 1 to 65535")]
    [InlineData("""{"generation":1,"listenPorts":null}""", "EdgeSnapshot: listenPorts is missing something")]
    [InlineData("""{"generation":1,"stunIntervalSecs":-5}""", "EdgeSnapshot: stunIntervalSecs must be at least 1")]
    [InlineData("""{"generation":1,"portOptions":{"x":{}}}""", "EdgeSnapshot: portOptions must")]
    [InlineData("""{"generation":1,"portOptions":{"0":{}}}""", "EdgeSnapshot: portOptions must")]
    [InlineData("""{"generation":1,"portOptions":{"80/sctp":{}}}""", "EdgeSnapshot: portOptions must")]
    [InlineData("""{"generation":1,"portOptions":{"80":null}}""", "EdgeSnapshot: portOptions must")]
    [InlineData("""{"generation":1,"hubs":["a:b"]}""", "EdgeSnapshot: hubs must")]
    [InlineData("""{"generation":1,"hubs":[null]}""", "EdgeSnapshot: hubs must")]
    [InlineData("""{"generation":1,"firewallConfig":{"blockedIps":[null]}}""", "EdgeSnapshot: firewallConfig holds null")]
    [InlineData("""{"generation":1,"firewallConfig":{"rateLimits":[{"id":"a","port":0,"rate":"1/second"}]}}""", "EdgeSnapshot: firewallConfig.rateLimits.port must")]
    [InlineData("""{"generation":1,"firewallConfig":{"rules":[{"id":"a","direction":"input"}]}}""", "EdgeSnapshot: firewallConfig.rules[0]")]
    public void TryDecode_BadSnapshot_NamesTheMember(string json, string expected) => AssertRefused<EdgeSnapshot>(json, expected);

    [Fact]
    public void TryDecode_OtherMessagesOutOfRange_AreRefused()
    {
        AssertRefused<Reject>("""{"code":"busy","message":"m","retryAfterSeconds":3601}""", "Reject: retryAfterSeconds must");
        AssertRefused<Reject>("""{"code":5,"message":"m"}""", "Reject: code");
        AssertRefused<GoAway>($$"""{"reason":"{{new string('r', 129)}}"}""", "GoAway: reason must");
        AssertRefused<ConfigAck>("""{"generation":1,"ports":[null]}""", "ConfigAck: ports holds null");
        AssertRefused<ConfigAck>("""{"generation":1,"ports":[{"port":0,"protocol":"tcp","ok":true}]}""", "ConfigAck: ports.port must");
        AssertRefused<EdgeStatusReport>("""{"software":"s","activeStreams":-1}""", "EdgeStatusReport: activeStreams must");
        AssertRefused<Welcome>("""{"scram":"v=","hubId":"h","software":"s","hubs":[":1"]}""", "Welcome: hubs must");
        AssertRefused<Challenge>($$"""{"scram":"{{new string('r', 2049)}}"}""", "Challenge: scram must");
    }

    [Fact]
    public void TryDecode_DeeplyNestedOrInvalidUtf8_IsRefusedWithoutThrowing()
    {
        AssertRefused<GoAway>("""{"reason":"r","x":""" + new string('[', 1000), "GoAway: ");
        Assert.False(ControlCodec.TryDecode<GoAway>([.. "{\"reason\":\""u8, 0xC3, 0x28, .. "\"}"u8], out _, out var error));
        Assert.StartsWith("GoAway: ", error, StringComparison.Ordinal);
        AssertRefused<GoAway>("""{"reason":"\ud800"}""", "GoAway: ");
        AssertRefused<GoAway>("""{"\ud800":1}""", "GoAway: ");
    }

    private static void AssertRefused<T>(string json, string expected)
        where T : class
    {
        Assert.False(ControlCodec.TryDecode<T>(Encoding.UTF8.GetBytes(json), out var value, out var error));
        Assert.Null(value);
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error!);
    }
}
