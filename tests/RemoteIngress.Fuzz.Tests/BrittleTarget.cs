namespace RemoteIngress.Fuzz.Tests;

/// <summary>Breaks at three bytes in a row, which chance finds only by going on from inputs with one and two of them.</summary>
internal sealed class BrittleTarget : IFuzzTarget
{
    public string Name => "brittle";

    public IReadOnlyList<byte[]> Dictionary => [];

    public string Run(ReadOnlySpan<byte> input)
    {
        var matched = 0;
        while (matched < 3 && matched < input.Length && input[matched] == "abc"u8[matched])
        {
            matched++;
        }

        return matched < 3 ? $"{matched}" : throw new InvalidOperationException("broken");
    }
}
