using System.CommandLine;

namespace RemoteIngress.Cli.Options;

/// <summary>
/// One option with its environment variable and its parser. Values stay text until <see cref="OptionReader"/> reads them, so
/// that a bad flag, a bad variable and a missing value are reported in the same way and all at once.
/// </summary>
internal sealed class CliOption<T>
{
    public CliOption(
        string name, string valueName, string description, Func<string, Parsed<T>> parse, string? defaultText = null, bool repeatable = false)
    {
        Name = name;
        Parse = parse;
        Variable = OptionNames.Variable(name);
        IsRepeatable = repeatable;
        Option = new Option<string[]>(name)
        {
            Description = OptionNames.Describe(repeatable ? description + " (repeatable; in the variable separated by commas)" : description, Variable, defaultText),
            HelpName = valueName,
            // the library's own complaint about a second value would repeat that value, which may be a secret
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
    }

    public string Name { get; }

    public string Variable { get; }

    /// <summary>May be given more than once; in the variable the values are separated by commas.</summary>
    public bool IsRepeatable { get; }

    public Func<string, Parsed<T>> Parse { get; }

    public Option<string[]> Option { get; }
}
