using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux;

/// <summary>Receives what <see cref="FrameParser"/> finds.</summary>
internal interface IFrameSink
{
    /// <summary>True once nothing more may be handed over.</summary>
    bool IsClosed { get; }

    /// <summary>Judges a header before its body is awaited.</summary>
    FrameAction OnHeader(in FrameHeader header);

    /// <summary>A whole frame. <paramref name="payload"/> is borrowed until return.</summary>
    void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload);

    /// <summary>A piece of the DATA frame announced last.</summary>
    void OnData(ReadOnlySpan<byte> piece);
}
