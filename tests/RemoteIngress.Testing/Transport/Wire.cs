namespace RemoteIngress.Testing.Transport;

/// <summary>Bytes under way in one direction, and a record of all that ever went.</summary>
internal sealed class Wire
{
    private readonly List<byte> _bytes = [];
    private int _taken;

    internal int Waiting => _bytes.Count - _taken;

    /// <summary>Everything ever written.</summary>
    internal byte[] Everything => [.. _bytes];

    internal void Write(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    internal byte[] Take(int count)
    {
        var taken = _bytes.GetRange(_taken, Math.Min(count, Waiting)).ToArray();
        _taken += taken.Length;
        return taken;
    }

    internal void Drop() => _taken = _bytes.Count;
}
