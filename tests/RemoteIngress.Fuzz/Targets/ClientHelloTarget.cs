using RemoteIngress.Protocol.Tls;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>
/// Over the beginnings of any input the answer is Partial, then for good NotTls, or Complete at one length only and Beyond after it:
/// never Complete for a part of a ClientHello or for one with bytes after it.
/// </summary>
internal sealed class ClientHelloTarget : IFuzzTarget
{
    private const int MaxPrefixes = 2048;

    public string Name => "client-hello";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[22, 3, 1], [22, 3, 3, 0, 47, 1, 0, 0, 43, 3, 3], [1, 0, 0], [0, 2, 0x13, 1], [1, 0], [0, 0], [3, 3], [0x13, 1, 0x13, 2], [32]];

    public string Run(ReadOnlySpan<byte> input)
    {
        var last = ClientHelloState.Partial;
        for (var length = 0; length <= Math.Min(input.Length, MaxPrefixes); length++)
        {
            last = Step(input[..length], last);
        }

        var whole = ClientHelloDetector.Inspect(input);
        Check.That(whole == last || input.Length > MaxPrefixes, $"{whole} for all, {last} for the last beginning");
        if (whole == ClientHelloState.Complete)
        {
            Check.That(input.Length <= ClientHelloDetector.MaxLength, "longer than a record can be");
            Check.That(input.Length == 5 + ((input[3] << 8) | input[4]), "the record ends elsewhere");
            Check.That(ClientHelloDetector.Inspect([.. input, 0]) == ClientHelloState.Beyond, "one more byte goes unnoticed");
        }

        return $"{whole} {(input.Length > 5 ? int.Log2(input.Length) : input.Length)}";
    }

    private static ClientHelloState Step(ReadOnlySpan<byte> prefix, ClientHelloState before)
    {
        var state = ClientHelloDetector.Inspect(prefix);
        var allowed = before switch
        {
            ClientHelloState.Partial => state != ClientHelloState.Beyond,
            ClientHelloState.Complete or ClientHelloState.Beyond => state == ClientHelloState.Beyond,
            _ => state == ClientHelloState.NotTls,
        };
        Check.That(allowed, $"{state} with {prefix.Length} bytes, {before} with one less");
        var mayRepeat = prefix.IsEmpty || state == ClientHelloState.Complete || (state == ClientHelloState.Partial && prefix.Length >= 6);
        Check.That(ClientHelloDetector.IsSafeToRepeat(prefix) == mayRepeat, $"{prefix.Length} bytes that are {state} may be repeated: {!mayRepeat}");
        return state;
    }
}
