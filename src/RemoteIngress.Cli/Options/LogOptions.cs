using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace RemoteIngress.Cli.Options;

/// <summary><c>--log-level</c> of the commands that keep running.</summary>
internal sealed class LogOptions
{
    private static readonly (string Text, LogLevel Value)[] Levels =
    [
        ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning),
        ("error", LogLevel.Error), ("none", LogLevel.None),
    ];

    private readonly LogLevel _default;
    private readonly CliOption<LogLevel> _level;

    public LogOptions(string defaultLevel = "info")
    {
        _default = Levels.Single(level => level.Text == defaultLevel).Value;
        _level = new CliOption<LogLevel>(
            "--log-level", "LEVEL", "How much is logged: trace, debug, info, warning, error or none", OptionParsers.OneOf(Levels), defaultLevel);
    }

    public static string Name(LogLevel level) => Levels.Single(known => known.Value == level).Text;

    public void AddTo(Command command) => command.Options.Add(_level.Option);

    public LogLevel Read(OptionReader reader) => reader.Get(_level, _default);
}
