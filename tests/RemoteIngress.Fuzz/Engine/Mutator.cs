using System.Buffers.Binary;

namespace RemoteIngress.Fuzz.Engine;

/// <summary>Changes inputs at random: the same random numbers give the same changes.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> dictionary)
{
    public const int MaxLength = 20_000;

    private const int MaxChanges = 6;
    private const int MaxPiece = 64;

    private static readonly byte[] Telling = [0, 1, 2, 9, 10, 13, 32, 34, 44, 45, 46, 47, 58, 61, 91, 92, 93, 123, 125, 127, 128, 0xC0, 0xED, 0xF0, 0xFE, 0xFF];
    private static readonly int[] TellingNumbers = [0, 1, 2, 15, 16, 127, 128, 255, 256, 32767, 32768, 65534, 65535, 65536, int.MaxValue, int.MinValue, -1];

    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var changes = 1 + random.Next(MaxChanges); changes > 0; changes--)
        {
            Change(bytes, other);
        }

        if (bytes.Count > MaxLength)
        {
            bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        switch (random.Next(12))
        {
            case 0 or 1 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] = AnyByte();
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => AnyByte())]);
                break;
            case 4 when bytes.Count > 0:
                var (from, length) = Piece(bytes.Count);
                bytes.RemoveRange(from, length);
                break;
            case 5 when bytes.Count > 0:
                var (start, size) = Piece(bytes.Count);
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(start, size));
                break;
            case 6:
                Truncate(bytes);
                break;
            case 7:
                Splice(bytes, other);
                break;
            case 8 or 9 when dictionary.Count > 0:
                Insert(bytes, dictionary[random.Next(dictionary.Count)]);
                break;
            case 10:
                Number(bytes);
                break;
            default:
                Digits(bytes);
                break;
        }
    }

    private byte AnyByte() => random.Next(2) == 0 ? Telling[random.Next(Telling.Length)] : (byte)random.Next(256);

    private (int From, int Length) Piece(int count)
    {
        var from = random.Next(count);
        return (from, 1 + random.Next(Math.Min(count - from, MaxPiece)));
    }

    private void Truncate(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        bytes.RemoveRange(at, bytes.Count - at);
    }

    private void Splice(List<byte> bytes, byte[] other)
    {
        Truncate(bytes);
        bytes.AddRange(other.AsSpan(random.Next(other.Length + 1)));
    }

    private void Insert(List<byte> bytes, byte[] word)
    {
        var at = random.Next(bytes.Count + 1);
        if (random.Next(2) == 0)
        {
            bytes.RemoveRange(at, Math.Min(word.Length, bytes.Count - at));
        }

        bytes.InsertRange(at, word);
    }

    /// <summary>Lengths and ports are big endian, of two or four bytes.</summary>
    private void Number(List<byte> bytes)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, TellingNumbers[random.Next(TellingNumbers.Length)] + random.Next(-1, 2));
        var size = random.Next(2) == 0 ? 2 : 4;
        if (bytes.Count < size)
        {
            return;
        }

        var at = random.Next(bytes.Count - size + 1);
        for (var i = 0; i < size; i++)
        {
            bytes[at + i] = number[4 - size + i];
        }
    }

    /// <summary>Puts another number where the text has one.</summary>
    private void Digits(List<byte> bytes)
    {
        var from = bytes.FindIndex(random.Next(bytes.Count + 1), b => char.IsAsciiDigit((char)b));
        if (from < 0)
        {
            return;
        }

        var end = bytes.FindIndex(from, b => !char.IsAsciiDigit((char)b));
        bytes.RemoveRange(from, (end < 0 ? bytes.Count : end) - from);
        var number = random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : TellingNumbers[random.Next(TellingNumbers.Length)];
        bytes.InsertRange(from, System.Text.Encoding.ASCII.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
