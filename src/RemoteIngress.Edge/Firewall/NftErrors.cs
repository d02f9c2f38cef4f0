namespace RemoteIngress.Edge.Firewall;

/// <summary>Makes one line of what nft says.</summary>
internal static class NftErrors
{
    private const int MaxLine = 300;
    private const int MaxSource = 120;
    private const string Mark = "Error: ";

    /// <summary>The first error in its words, with the beginning of the line of ours that it is about.</summary>
    internal static string Describe(string errors, int exitCode)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var index = Array.FindIndex(lines, line => line.Contains(Mark, StringComparison.Ordinal));
        if (index < 0)
        {
            return lines.Length == 0 ? $"nft ended with exit code {exitCode}" : Cut(string.Join("; ", lines), MaxLine);
        }

        var error = lines[index][(lines[index].IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];

        // A place in the input, as "/dev/stdin:2:8-13: ", is followed by the line of that place.
        var hasSource = lines[index].StartsWith('/') && index + 1 < lines.Length;
        return Cut(error, MaxLine) + (hasSource ? $" ({Cut(lines[index + 1], MaxSource)})" : "");
    }

    private static string Cut(string text, int length)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= length ? line : line[..length] + "…";
    }
}
