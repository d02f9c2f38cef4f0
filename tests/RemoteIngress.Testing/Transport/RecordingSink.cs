using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Testing.Transport;

/// <summary>Notes what a parser finds. DATA is streamed, unknown types are skipped, the rest is collected.</summary>
internal sealed class RecordingSink : IFrameSink
{
    private readonly List<SentFrame> _frames = [];

    public bool IsClosed { get; private set; }

    /// <summary>Whole frames; the pieces of streamed ones are put together.</summary>
    internal IReadOnlyList<SentFrame> Frames => _frames;

    internal int Headers { get; private set; }

    internal FrameType? StopAt { get; set; }

    /// <summary>Counts instead of keeping, so that the sink itself allocates nothing.</summary>
    internal bool OnlyCounts { get; set; }

    internal long Bytes { get; private set; }

    public FrameAction OnHeader(in FrameHeader header)
    {
        Headers++;
        if (header.Type == StopAt)
        {
            IsClosed = true;
            return FrameAction.Stop;
        }

        if (!FrameLimits.IsKnown(header.Type))
        {
            return FrameAction.Skip;
        }

        if (header.Type != FrameType.Data)
        {
            return FrameAction.Collect;
        }

        if (!OnlyCounts)
        {
            _frames.Add(new SentFrame(header.StreamId, header.Type, []));
        }

        return FrameAction.Stream;
    }

    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Bytes += payload.Length;
        if (!OnlyCounts)
        {
            _frames.Add(new SentFrame(header.StreamId, header.Type, payload.ToArray()));
        }
    }

    public void OnData(ReadOnlySpan<byte> piece)
    {
        Bytes += piece.Length;
        if (!OnlyCounts)
        {
            _frames[^1] = _frames[^1] with { Payload = [.. _frames[^1].Payload, .. piece] };
        }
    }
}
