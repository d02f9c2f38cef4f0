using RemoteIngress.Protocol.Tls;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Forwarding;

/// <summary>
/// What a client's connection has sent to a hub before OPENED. It can be told again to another hub while it is nothing, or (a beginning
/// of) exactly one TLS ClientHello: that a target saw one has no effect a client could notice. Everything else is told once or never.
/// </summary>
internal sealed class FirstFlight(LoopUsage usage)
{
    private byte[]? _bytes;
    private int _length;
    private int _replayed;

    /// <summary>Whether another hub may be given the same bytes.</summary>
    internal bool IsRepeatable { get; private set; } = true;

    /// <summary>What must be told again before anything new, after <see cref="Rewind"/>.</summary>
    internal bool HasReplay => _replayed < _length;

    /// <summary>Notes bytes that are about to leave.</summary>
    internal void Record(ReadOnlySpan<byte> sent)
    {
        if (!IsRepeatable || sent.IsEmpty)
        {
            return;
        }

        if (_length + sent.Length > ClientHelloDetector.MaxLength)
        {
            Forget();
            return;
        }

        _bytes ??= usage.Rent(ClientHelloDetector.MaxLength);
        sent.CopyTo(_bytes.AsSpan(_length));
        _length += sent.Length;
        _replayed = _length;
        if (!ClientHelloDetector.IsSafeToRepeat(_bytes.AsSpan(0, _length)))
        {
            Forget();
        }
    }

    /// <summary>The connection moves: all of it is told again.</summary>
    internal void Rewind() => _replayed = 0;

    internal int Replay(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _length - _replayed);
        _bytes.AsSpan(_replayed, count).CopyTo(buffer);
        _replayed += count;
        return count;
    }

    internal void Free()
    {
        if (_bytes is not null)
        {
            usage.Return(_bytes);
            _bytes = null;
        }

        _length = _replayed = 0;
    }

    private void Forget()
    {
        IsRepeatable = false;
        Free();
    }
}
