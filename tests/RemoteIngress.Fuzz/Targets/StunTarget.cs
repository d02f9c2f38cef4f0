using RemoteIngress.Protocol.Stun;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>A response is one at its whole length only and for its own transaction only; what it says can be shown.</summary>
internal sealed class StunTarget : IFuzzTarget
{
    private const int MaxPrefixes = 512;

    // that of RFC 5769, so that its vectors can be in the corpus
    private static readonly StunTransactionId Id = new(0xB7E7A701, 0xBC34D686FA87DFAE);

    public string Name => "stun";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [0x21, 0x12, 0xA4, 0x42], [0x21, 0x12, 0xA4, 0x42, 0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34, 0xD6, 0x86, 0xFA, 0x87, 0xDF, 0xAE], [1, 1], [1, 0x11],
        [0, 0x20, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43], [0, 0x20, 0, 20, 0, 2], [0, 1, 0, 8, 0, 1, 0, 80, 192, 0, 2, 1], [0, 1, 0, 20, 0, 2],
        [0, 9, 0, 4, 0, 0, 4, 20], [0, 8, 0, 20], [0, 0x1C, 0, 32], [0x80, 0x22, 0, 3, 0x61, 0x62, 0x63, 0], [0x80, 0x28, 0, 4], [0, 0x24, 0, 4],
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        var status = StunBinding.TryReadResponse(input, Id, out var response);
        Check.That((status == StunReadStatus.Ok) == (response is not null), $"{status} with or without a response");
        if (response is null)
        {
            return status.ToString();
        }

        Check.That((response.Mapped is null) != (response.Error is null), "neither an address nor an error, or both");
        Check.That(response.Error is null or { Code: >= 300 and <= 699, Reason.Length: < 128 }, "an error out of range");
        Check.OneLine(response.Error is null ? response.Mapped!.ToString() : $"{response.Error.Code} {response.Error.Reason}", "the answer");
        for (var length = 0; length < Math.Min(input.Length, MaxPrefixes); length++)
        {
            Check.That(StunBinding.TryReadResponse(input[..length], Id, out _) == StunReadStatus.Malformed, $"its first {length} bytes are one, too");
        }

        Check.That(StunBinding.TryReadResponse([.. input, 0, 0, 0, 0], Id, out _) == StunReadStatus.Malformed, "bytes behind it go unnoticed");
        var other = Id with { Low = Id.Low ^ 1 };
        Check.That(StunBinding.TryReadResponse(input, other, out _) == StunReadStatus.OtherTransaction, "it answers another request, too");
        return $"{response.Mapped?.AddressFamily} {response.Error?.Code / 100}";
    }
}
