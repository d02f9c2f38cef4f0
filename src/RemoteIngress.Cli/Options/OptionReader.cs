using System.CommandLine;

namespace RemoteIngress.Cli.Options;

/// <summary>
/// Reads options by precedence (flag, then environment, then default) and collects every error instead of stopping at the first.
/// </summary>
internal sealed class OptionReader(ParseResult parseResult, CliContext context)
{
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Adds one line: <c>field: what is wrong; the cure</c>. An option whose value came from the environment is named by its variable.</summary>
    public void AddError(string field, string message) => _errors.Add(NameAsGiven($"{field}: {message}"));

    /// <summary>Adds lines that begin with their field, each once; the same names as in <see cref="AddError"/>.</summary>
    public void AddErrors(IEnumerable<string> lines) => _errors.AddRange(lines.Select(NameAsGiven).Where(line => !_errors.Contains(line)));

    public string? Variable(string name) => context.Variable(name);

    /// <summary>The text of a file that an option names; null after adding an error.</summary>
    public string? ReadFile(string option, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            AddError(option, $"cannot read '{path}'; give a file that exists and is readable");
            return null;
        }
    }

    /// <summary>Ends the command with every error found so far; call it when all options have been read.</summary>
    public void ThrowIfErrors()
    {
        if (_errors.Count > 0)
        {
            throw CliException.Usage(_errors);
        }
    }

    public bool HasFlag<T>(CliOption<T> option) => parseResult.GetResult(option.Option) is { Implicit: false };

    public bool IsGiven<T>(CliOption<T> option) => HasFlag(option) || context.Variable(option.Variable) is not null;

    /// <summary>The value of the flag or the variable, else <paramref name="fallback"/>.</summary>
    public T? Get<T>(CliOption<T> option, T? fallback = default)
    {
        var (source, texts) = Find(option);
        return source is null || !TryParse(option, source, texts[0], out var value) ? fallback : value;
    }

    /// <summary>Every value of a repeatable option; empty when there is none.</summary>
    public IReadOnlyList<T> GetAll<T>(CliOption<T> option)
    {
        var (source, texts) = Find(option);
        return source is null ? [] : ParseAll(option, source, texts);
    }

    public IReadOnlyList<T> GetAllFromFlag<T>(CliOption<T> option) =>
        HasFlag(option) ? ParseAll(option, option.Name, FlagValues(option)) : [];

    public IReadOnlyList<T> GetAllFromVariable<T>(CliOption<T> option) =>
        context.Variable(option.Variable) is { } text ? ParseAll(option, option.Variable, SplitList(text)) : [];

    public T? GetFromFlag<T>(CliOption<T> option) => GetAllFromFlag(option) is [var value, ..] ? value : default;

    public T? GetFromVariable<T>(CliOption<T> option) =>
        context.Variable(option.Variable) is { } text && TryParse(option, option.Variable, text, out var value) ? value : default;

    public bool Get(CliFlag flag)
    {
        if (parseResult.GetResult(flag.Option) is { Implicit: false })
        {
            return parseResult.GetValue(flag.Option);
        }

        switch (context.Variable(flag.Variable)?.ToUpperInvariant())
        {
            case null or "0" or "FALSE" or "NO":
                return false;
            case "1" or "TRUE" or "YES":
                return true;
            default:
                AddError(flag.Variable, "not a switch; use 1 or 0");
                return false;
        }
    }

    // Whoever checks values knows the names of flags only.
    private string NameAsGiven(string line)
    {
        var name = line.Split(':')[0];
        if (parseResult.CommandResult.Command.Options.FirstOrDefault(option => option.Name == name) is not { } option
            || parseResult.GetResult(option) is { Implicit: false })
        {
            return line;
        }

        // in the order in which they are read
        string[] variables = [OptionNames.JsonVariable(name), OptionNames.Variable(name)];
        return variables.FirstOrDefault(variable => context.Variable(variable) is not null) is { } given ? given + line[name.Length..] : line;
    }

    private (string? Source, string[] Texts) Find<T>(CliOption<T> option)
    {
        if (HasFlag(option))
        {
            return (option.Name, FlagValues(option));
        }

        var text = context.Variable(option.Variable);
        return text is null ? (null, []) : (option.Variable, option.IsRepeatable ? SplitList(text) : [text]);
    }

    private string[] FlagValues<T>(CliOption<T> option)
    {
        var values = parseResult.GetValue(option.Option) ?? [];
        if (values.Length > 1 && !option.IsRepeatable)
        {
            AddErrors([$"{option.Name}: given {values.Length} times; give it once"]);
        }

        return values;
    }

    private List<T> ParseAll<T>(CliOption<T> option, string source, string[] texts)
    {
        var values = new List<T>(texts.Length);
        foreach (var text in texts)
        {
            if (TryParse(option, source, text, out var value))
            {
                values.Add(value!);
            }
        }

        return values;
    }

    private bool TryParse<T>(CliOption<T> option, string source, string text, out T? value)
    {
        var parsed = option.Parse(text);
        value = parsed.Value;
        if (parsed.Error is null)
        {
            return true;
        }

        AddError(source, parsed.Error);
        return false;
    }

    private static string[] SplitList(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
