using System.Buffers.Binary;
using System.Text;

namespace RemoteIngress.Protocol.Stun;

/// <summary>The ERROR-CODE of a response (RFC 8489 section 14.8).</summary>
/// <param name="Code">300 to 699.</param>
/// <param name="Reason">The server's words: one line, at most 127 characters, without control characters; may be empty.</param>
public sealed record StunError(int Code, string Reason)
{
    private const int FixedSize = 4;
    private const int MaxReasonBytes = 763;
    private const int MaxReason = 127;

    internal static bool TryRead(ReadOnlySpan<byte> value, out StunError? error)
    {
        error = null;
        if (value.Length is < FixedSize or > FixedSize + MaxReasonBytes)
        {
            return false;
        }

        // 21 reserved bits, a class of three, a number below a hundred
        var word = BinaryPrimitives.ReadUInt32BigEndian(value);
        var (hundreds, number) = ((int)(word >> 8) & 7, (int)(word & 0xFF));
        if (hundreds is < 3 or > 6 || number > 99)
        {
            return false;
        }

        error = new StunError((hundreds * 100) + number, OneLine(Encoding.UTF8.GetString(value[FixedSize..])));
        return true;
    }

    // It ends up in logs and status: whoever wrote it must not write lines of their own there.
    private static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxReason));
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MaxReason)))
        {
            line.Append(char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029' ? ' ' : character);
        }

        return line.ToString().Trim();
    }
}
