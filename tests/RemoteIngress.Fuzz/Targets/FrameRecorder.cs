using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>Takes frames as a tunnel does (limits, unknown types, streamed data) and writes down what it got.</summary>
internal sealed class FrameRecorder : IFrameSink
{
    private readonly List<byte> _data = [];
    private FrameHeader? _streaming;

    /// <summary>One line for each frame, its payload in hex.</summary>
    public List<string> Log { get; } = [];

    public bool IsClosed { get; private set; }

    public bool AtBoundary { get; private set; }

    public FrameType LastType { get; private set; }

    /// <summary>The same from a reader that has the whole stream before it and is too simple to be wrong.</summary>
    public static FrameRecorder Scan(ReadOnlySpan<byte> stream)
    {
        var recorder = new FrameRecorder();
        while (stream.Length >= FrameHeader.Size && !recorder.IsClosed)
        {
            var header = FrameHeader.Read(stream);
            stream = stream[FrameHeader.Size..];
            var action = recorder.OnHeader(header);
            var there = (int)Math.Min(header.Length, (uint)stream.Length);
            if (action == FrameAction.Stream && there > 0)
            {
                recorder.OnData(stream[..there]);
            }
            else if (action == FrameAction.Collect && there == header.Length)
            {
                recorder.OnFrame(header, stream[..there]);
            }

            if (there < header.Length && !recorder.IsClosed)
            {
                recorder.End(false);
                return recorder;
            }

            stream = recorder.IsClosed ? [] : stream[there..];
        }

        recorder.End(stream.IsEmpty);
        return recorder;
    }

    public FrameAction OnHeader(in FrameHeader header)
    {
        Check.That(!IsClosed, "a header after the stop");
        FlushData();
        LastType = FrameLimits.IsKnown(header.Type) ? header.Type : 0;
        if (header.Length > FrameLimits.MaxLength(header.Type) || header.Length < FrameLimits.MinLength(header.Type))
        {
            Log.Add($"stop {header}");
            IsClosed = true;
            return FrameAction.Stop;
        }

        if (!FrameLimits.IsKnown(header.Type))
        {
            Log.Add($"skip {header}");
            return FrameAction.Skip;
        }

        var isData = header.Type is FrameType.Data or FrameType.DataBack;
        _streaming = isData ? header : null;
        return isData ? FrameAction.Stream : FrameAction.Collect;
    }

    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Check.That(payload.Length == header.Length, $"{payload.Length} bytes for {header}");
        Log.Add($"frame {header} {Convert.ToHexString(payload)}");
    }

    public void OnData(ReadOnlySpan<byte> piece)
    {
        Check.That(_streaming is not null && !piece.IsEmpty, "data without a frame, or none of it");
        _data.AddRange(piece);
        Check.That(_data.Count <= _streaming.Value.Length, "more data than announced");
    }

    /// <summary>To be called after the last byte.</summary>
    public void End(bool atBoundary)
    {
        FlushData();
        AtBoundary = atBoundary;
    }

    private void FlushData()
    {
        if (_streaming is { } header)
        {
            Log.Add($"data {header} {Convert.ToHexString(_data.ToArray())}");
        }

        _streaming = null;
        _data.Clear();
    }
}
