using System.Text;

namespace RemoteIngress.Cli.Options;

/// <summary>The one rule between the names of options, their environment variables and the properties they fill.</summary>
internal static class OptionNames
{
    public const string VariablePrefix = "REMOTEINGRESS_";

    public static string Variable(string option) => VariablePrefix + option.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    /// <summary>Holds what otherwise stands in the file that the option names.</summary>
    public static string JsonVariable(string option) => Variable(option) + "_JSON";

    public static string Describe(string description, string variable, string? defaultText) =>
        $"{description} [env: {variable}]" + (defaultText is null ? "" : $" [default: {defaultText}]");

    /// <summary><c>TunnelPort</c> is set by <c>--tunnel-port</c>.</summary>
    public static string FromProperty(string property)
    {
        var name = new StringBuilder("-");
        foreach (var character in property)
        {
            if (char.IsUpper(character))
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(character));
        }

        return name.ToString();
    }
}
