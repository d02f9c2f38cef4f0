using System.Buffers;

namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>One datagram that waits, in pooled memory, as a link of its session's chain.</summary>
internal sealed class Datagram
{
    private byte[] _bytes = [];

    internal Datagram? Next { get; set; }

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Payload => _bytes.AsSpan(0, Length);

    internal void Set(ReadOnlySpan<byte> payload)
    {
        _bytes = payload.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(_bytes);
        Length = payload.Length;
    }

    internal void Clear()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, Length, Next) = ([], 0, null);
    }
}
