namespace RemoteIngress.Testing.Simulation;

/// <summary>
/// What streams carry: a fixed random table read from another place for each direction of each stream. Its length is a prime, so that no
/// loss or repetition of whole frames goes unseen, and filling and comparing are copies.
/// </summary>
internal static class SimPattern
{
    private const int Length = 65_521;
    private static readonly byte[] Table = CreateTable();

    internal static void Fill(int seed, long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var piece = From(seed, position, destination.Length);
            piece.CopyTo(destination);
            destination = destination[piece.Length..];
            position += piece.Length;
        }
    }

    internal static bool Matches(int seed, long position, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = From(seed, position, bytes.Length);
            if (!piece.SequenceEqual(bytes[..piece.Length]))
            {
                return false;
            }

            bytes = bytes[piece.Length..];
            position += piece.Length;
        }

        return true;
    }

    private static ReadOnlySpan<byte> From(int seed, long position, int count)
    {
        var start = (int)((position + (seed * 7919L)) % Length);
        return Table.AsSpan(start, Math.Min(count, Length - start));
    }

    private static byte[] CreateTable()
    {
        var table = new byte[Length];
        new Random(1).NextBytes(table);
        return table;
    }
}
