using System.CommandLine;
using RemoteIngress.Cli.Management;

namespace RemoteIngress.Cli.Options;

/// <summary>Where the hub's API is, for the commands that manage it.</summary>
internal sealed class AdminOptions
{
    private const string DefaultUrl = "http://127.0.0.1:9080";

    private readonly CliOption<Uri> _url = new("--admin-url", "URL", "Address of the hub's HTTP API", OptionParsers.HttpUrl, DefaultUrl);
    private readonly CliOption<string> _token = new("--admin-token", "TOKEN", "Bearer token of the API", OptionParsers.Secret);
    private readonly CliFlag _json = new("--json", "Print the API's JSON instead of a table");

    public void AddTo(Command command)
    {
        command.Options.Add(_url.Option);
        command.Options.Add(_token.Option);
        command.Options.Add(_json.Option);
    }

    public AdminTarget Read(OptionReader reader) =>
        new(reader.Get(_url, new Uri(DefaultUrl))!, reader.Get(_token), reader.Get(_json));
}
