namespace RemoteIngress.Cli.Output;

/// <summary>Errors as users see them: one line each, on the error stream, never a stack trace.</summary>
internal static class ErrorPrinter
{
    public static void Print(TextWriter error, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Print(error, line);
        }
    }

    public static void Print(TextWriter error, string line) => error.WriteLine("error: " + OneLine(line));

    /// <summary>
    /// A message of some library or peer may hold line breaks, which would look like several errors, or control characters,
    /// which a terminal would obey.
    /// </summary>
    public static string OneLine(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var parts = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(string.Join(' ', parts).Select(static character => char.IsControl(character) ? '?' : character));
    }
}
