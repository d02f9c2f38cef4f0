namespace RemoteIngress.Transport.Handshake;

/// <summary>
/// The secret from which the challenges for unknown edge ids are derived. May be replaced while loops read it: a hub takes over that of its cluster.
/// </summary>
/// <param name="initial">The first one.</param>
internal sealed class DecoyKey(byte[] initial)
{
    /// <summary>Length in bytes.</summary>
    internal const int Length = 32;

    private byte[] _current = initial;

    internal ReadOnlyMemory<byte> Current => Volatile.Read(ref _current);

    internal void Replace(byte[] key) => Volatile.Write(ref _current, key);
}
