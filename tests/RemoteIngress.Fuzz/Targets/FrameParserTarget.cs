using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>However a stream is cut, the same frames come out of it: those that a reader of the whole finds.</summary>
internal sealed class FrameParserTarget : IFuzzTarget
{
    private const int RandomCuts = 4;
    private const int MaxForEveryCut = 96;

    public string Name => "frames";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. Enum.GetValues<FrameType>().Select(type => Header(type, FrameLimits.MinLength(type))), Header((FrameType)0x77, 3), Header(FrameType.Data, 70000)];

    public string Run(ReadOnlySpan<byte> input)
    {
        var expected = FrameRecorder.Scan(input);
        Compare(expected, Parse(input, [input.Length]), "in one piece");
        Compare(expected, Parse(input, [.. Enumerable.Range(0, input.Length)]), "byte by byte");
        if (input.Length <= MaxForEveryCut)
        {
            for (var cut = 1; cut < input.Length; cut++)
            {
                Compare(expected, Parse(input, [cut]), $"cut at {cut}");
            }
        }

        // the cuts follow from the input alone: whoever replays it sees the same
        var length = input.Length;
        var random = new Random(input.Length == 0 ? 0 : (input.Length << 8) | input[^1]);
        for (var i = 0; i < RandomCuts; i++)
        {
            int[] cuts = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => random.Next(length + 1)).Order()];
            Compare(expected, Parse(input, cuts), $"cut at {string.Join(',', cuts)}");
        }

        return $"{Math.Min(expected.Log.Count, 8)} frames, last {expected.LastType}, stopped {expected.IsClosed}, boundary {expected.AtBoundary}";
    }

    private static byte[] Header(FrameType type, uint length)
    {
        var bytes = new byte[FrameHeader.Size + (length < 64 ? (int)length : 0)];
        new FrameHeader(FrameLimits.IsControl(type) ? 0u : 1u, type, length).Write(bytes);
        return bytes;
    }

    private static FrameRecorder Parse(ReadOnlySpan<byte> input, int[] cuts)
    {
        var recorder = new FrameRecorder();
        using var parser = new FrameParser(recorder);
        var at = 0;
        foreach (var cut in cuts)
        {
            parser.Receive(input[at..cut]);
            at = cut;
        }

        parser.Receive(input[at..]);
        recorder.End(parser.IsAtBoundary);
        return recorder;
    }

    private static void Compare(FrameRecorder expected, FrameRecorder actual, string how)
    {
        Check.That(expected.Log.SequenceEqual(actual.Log), $"{how} gives other frames:\n{string.Join('\n', actual.Log)}\ninstead of\n{string.Join('\n', expected.Log)}");
        Check.That(expected.IsClosed == actual.IsClosed, $"{how}: stopped is {actual.IsClosed}");
        Check.That(actual.IsClosed || expected.AtBoundary == actual.AtBoundary, $"{how}: at a boundary is {actual.AtBoundary}");
    }
}
