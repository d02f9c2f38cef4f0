using System.Buffers;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux;

/// <summary>
/// Finds frames in a byte stream cut anywhere. DATA payload is passed on in pieces straight from the caller's buffer; other payloads are
/// handed over whole, copied only when they came in parts. Holds at most one header and one control payload.
/// </summary>
internal sealed class FrameParser(IFrameSink sink) : IDisposable
{
    private readonly byte[] _head = new byte[FrameHeader.Size];
    private int _headLength;
    private FrameHeader _header;
    private FrameAction _action;
    private uint _left;
    private byte[]? _body;
    private int _bodyLength;

    /// <summary>True between frames: a connection that ends elsewhere was cut.</summary>
    internal bool IsAtBoundary => _headLength == 0 && _left == 0;

    internal void Receive(ReadOnlySpan<byte> bytes)
    {
        while (!sink.IsClosed && (bytes.Length > 0))
        {
            bytes = _left > 0 ? bytes[Body(bytes)..] : bytes[Head(bytes)..];
        }
    }

    public void Dispose() => ReturnBody();

    private int Head(ReadOnlySpan<byte> bytes)
    {
        int used;
        if (_headLength == 0 && bytes.Length >= FrameHeader.Size)
        {
            used = FrameHeader.Size;
            _header = FrameHeader.Read(bytes);
        }
        else
        {
            used = Math.Min(FrameHeader.Size - _headLength, bytes.Length);
            bytes[..used].CopyTo(_head.AsSpan(_headLength));
            _headLength += used;
            if (_headLength < FrameHeader.Size)
            {
                return used;
            }

            _header = FrameHeader.Read(_head);
        }

        _headLength = 0;
        Begin();
        return used;
    }

    private void Begin()
    {
        _action = sink.OnHeader(_header);
        _left = _action == FrameAction.Stop ? 0 : _header.Length;
        if (_left == 0 && _action == FrameAction.Collect)
        {
            sink.OnFrame(_header, []);
        }
    }

    private int Body(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(_left, (uint)bytes.Length);
        var piece = bytes[..length];
        switch (_action)
        {
            case FrameAction.Stream:
                _left -= (uint)length;
                sink.OnData(piece);
                break;
            case FrameAction.Collect when _body is null && length == _header.Length:
                _left = 0;
                sink.OnFrame(_header, piece);
                break;
            case FrameAction.Collect:
                Collect(piece);
                break;
            default:
                _left -= (uint)length;
                break;
        }

        return length;
    }

    private void Collect(ReadOnlySpan<byte> piece)
    {
        _body ??= ArrayPool<byte>.Shared.Rent((int)_header.Length);
        piece.CopyTo(_body.AsSpan(_bodyLength));
        _bodyLength += piece.Length;
        _left -= (uint)piece.Length;
        if (_left == 0)
        {
            sink.OnFrame(_header, _body.AsSpan(0, _bodyLength));
            ReturnBody();
        }
    }

    private void ReturnBody()
    {
        if (_body is not null)
        {
            ArrayPool<byte>.Shared.Return(_body);
            _body = null;
        }

        _bodyLength = 0;
    }
}
