using System.CommandLine;

namespace RemoteIngress.Cli;

/// <summary>What is wrong with a command line, and what was probably meant. Values are not repeated: one may be a secret.</summary>
internal static class UsageErrors
{
    public static IEnumerable<string> Describe(ParseResult result)
    {
        // what follows an unknown word is unknown only because of it
        if (result.UnmatchedTokens is [var first, ..])
        {
            return [Unknown(result.CommandResult.Command, first)];
        }

        return result.Errors.Select(static error => error.Message.TrimEnd('.'));
    }

    private static string Unknown(Command command, string word)
    {
        if (word.StartsWith('-'))
        {
            var name = word.Split('=')[0];
            return $"unknown option '{name}'{Suggestion(name, command.Options.Select(static option => option.Name))}";
        }

        return command.Subcommands.Count > 0
            ? $"unknown command '{word}'{Suggestion(word, command.Subcommands.Select(static known => known.Name))}"
            : "one value too many";
    }

    private static string Suggestion(string word, IEnumerable<string> known)
    {
        var best = known.MinBy(name => Distance(word, name));
        return best is not null && Distance(word, best) <= Math.Max(2, best.Length / 4) ? $", did you mean '{best}'?" : "";
    }

    /// <summary>Levenshtein: how many letters to add, drop or change.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[right.Length];
    }
}
