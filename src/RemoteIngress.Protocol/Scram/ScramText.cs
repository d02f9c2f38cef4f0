using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RemoteIngress.Protocol.Scram;

/// <summary>The attribute=value grammar of RFC 5802 section 7.</summary>
internal static class ScramText
{
    /// <summary>Takes the next attribute off <paramref name="rest"/> if it is <paramref name="name"/>.</summary>
    public static bool TryTake(ref ReadOnlySpan<char> rest, char name, out ReadOnlySpan<char> value)
    {
        value = default;
        if (rest.Length < 2 || rest[0] != name || rest[1] != '=')
        {
            return false;
        }

        var comma = rest.IndexOf(',');
        value = comma < 0 ? rest[2..] : rest[2..comma];
        rest = comma < 0 ? default : rest[(comma + 1)..];
        return true;
    }

    public static bool TryBase64(ReadOnlySpan<char> text, int maxBytes, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        // Convert skips white space, which the grammar does not allow
        if (text.IsEmpty || text.Length > (maxBytes + 2) / 3 * 4 || text.ContainsAny(" \t\r\n"))
        {
            return false;
        }

        var buffer = new byte[maxBytes + 2];
        if (!Convert.TryFromBase64Chars(text, buffer, out var written) || written is 0 || written > maxBytes)
        {
            return false;
        }

        bytes = buffer[..written];
        return true;
    }

    public static bool TryPositiveNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 9 && text[0] != '0'
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    public static string EscapeName(string name) =>
        name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    public static bool TryUnescapeName(ReadOnlySpan<char> text, out string name)
    {
        name = "";
        for (var i = text.IndexOf('='); i >= 0 && i < text.Length; i++)
        {
            if (text[i] == '=' && !text[i..].StartsWith("=2C", StringComparison.Ordinal) && !text[i..].StartsWith("=3D", StringComparison.Ordinal))
            {
                return false;
            }
        }

        name = text.ToString().Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        return name.Length > 0;
    }
}
