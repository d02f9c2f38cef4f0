using System.CommandLine;

namespace RemoteIngress.Cli.Options;

/// <summary>A switch without a value, with its environment variable (1/true/yes or 0/false/no).</summary>
internal sealed class CliFlag
{
    public CliFlag(string name, string description)
    {
        Name = name;
        Variable = OptionNames.Variable(name);
        Option = new Option<bool>(name) { Description = OptionNames.Describe(description, Variable + "=1", null) };
    }

    public string Name { get; }

    public string Variable { get; }

    public Option<bool> Option { get; }
}
