using System.Buffers.Binary;
using System.Net.Security;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Testing.Faults;

/// <summary>One end of a real tunnel in a test's hands, authenticated: it says whatever the test wants, allowed or not.</summary>
public sealed class TunnelPeer : IDisposable
{
    private readonly SslStream _tls;

    internal TunnelPeer(SslStream tls) => _tls = tls;

    /// <summary>A frame as bytes; the header may lie about the length.</summary>
    public static byte[] Frame(uint stream, FrameType type, ReadOnlySpan<byte> payload, uint? length = null)
    {
        var frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(stream, type, length ?? (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    public static byte[] U32(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>Payload of a WINDOW_UPDATE.</summary>
    public static byte[] Window(uint consumed, uint window) => [.. U32(consumed), .. U32(window)];

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _tls.WriteAsync(bytes, cancellation);
        await _tls.FlushAsync(cancellation);
    }

    public Task SendAsync(uint stream, FrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation) =>
        SendAsync(Frame(stream, type, payload.Span), cancellation);

    /// <summary>Sends until it is cancelled or the other end has had enough, at most <paramref name="times"/> times.</summary>
    public async Task FloodAsync(ReadOnlyMemory<byte> bytes, int times, CancellationToken cancellation)
    {
        try
        {
            for (var i = 0; i < times; i++)
            {
                await _tls.WriteAsync(bytes, cancellation);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // cut off: its end shows at the receiving side
        }
    }

    /// <summary>The next frame; null when the other end closed.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)?> ReceiveAsync(CancellationToken cancellation)
    {
        var header = new byte[FrameHeader.Size];
        try
        {
            if (await _tls.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation) < header.Length)
            {
                return null;
            }

            var read = FrameHeader.Read(header);
            var payload = new byte[read.Length];
            await _tls.ReadExactlyAsync(payload, cancellation);
            return (read, payload);
        }
        catch (IOException)
        {
            // a reset is an end too
            return null;
        }
    }

    /// <summary>The next frame of this type; those before it are thrown away.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)> ReceiveAsync(FrameType type, CancellationToken cancellation)
    {
        while (await ReceiveAsync(cancellation) is { } frame)
        {
            if (frame.Header.Type == type)
            {
                return frame;
            }
        }

        throw new EndOfStreamException($"the tunnel ended without {type}");
    }

    /// <summary>Reads until the other end closes; the types of all frames that came.</summary>
    public async Task<IReadOnlyList<FrameType>> ReceiveToEndAsync(CancellationToken cancellation)
    {
        var types = new List<FrameType>();
        while (await ReceiveAsync(cancellation) is { } frame)
        {
            types.Add(frame.Header.Type);
        }

        return types;
    }

    public void Dispose() => _tls.Dispose();
}
