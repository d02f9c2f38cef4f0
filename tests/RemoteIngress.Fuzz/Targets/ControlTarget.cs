using System.Buffers;
using System.Text;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>What decodes is encoded to bytes that decode again and are encoded to the same; what does not says so in one line.</summary>
internal sealed class ControlTarget<T>(string name) : IFuzzTarget
    where T : class
{
    private const int ShownOfError = 30; // before that there may be names from the input

    public string Name => name;

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            "null", "[]", "{}", "\"\"", "true", "1e3", "-0", "1.0", "\"\\ud800\"", "\"\\u000a\":", "\"\\n\"", "\"\\u0000\"", "[null]", "\"generation\":1",
            "\"ports\":[{\"port\":1,\"protocol\":\"tcp\",\"ok\":true}]", "\"portOptions\":{\"443\":{}}", "\"portOptions\":{\"443/udp\":{\"target\":\"a:1\"}}",
            "\"firewallConfig\":{\"blockedIps\":[\"1.2.3.4\"]}", "\"hubs\":[\"a:1\"]", "\"rules\":[{}]", "\"unknown\":[{\"a\":1}]", "\u2028", "[[[[[[[[[[[[[[[[[",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        if (!ControlCodec.TryDecode<T>(input, out var value, out var error))
        {
            Check.That(value is null, "a value and an error");
            Check.OneLine(error, "the error");
            return error![Math.Max(0, error!.Length - ShownOfError)..];
        }

        Check.That(value is not null && error is null, "neither value nor error");
        var encoded = ControlCodec.Encode(value);
        Check.That(ControlCodec.TryDecode<T>(encoded, out var again, out error), $"what was encoded does not decode: {error}");
        Check.That(ControlCodec.Encode(again!).AsSpan().SequenceEqual(encoded), "another message after one turn");
        var output = new ArrayBufferWriter<byte>();
        ControlCodec.Write(output, value);
        Check.That(output.WrittenSpan.SequenceEqual(encoded), "Write and Encode differ");
        return $"ok {int.Log2(encoded.Length)} {encoded.Count((byte)':')}";
    }
}
