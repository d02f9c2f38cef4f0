using System.Globalization;

namespace RemoteIngress.Cli.Options;

/// <summary>Durations as a person writes them: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>. A unit is required, zero is not special.</summary>
internal static class DurationParser
{
    // milliseconds first: "ms" also ends with "s"
    private static readonly (string Unit, double Milliseconds)[] Units =
    [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ];

    private static readonly TimeSpan Max = TimeSpan.FromDays(1);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                return TryParse(text.AsSpan(0, text.Length - unit.Length), milliseconds, out duration);
            }
        }

        duration = default;
        return false;
    }

    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, milliseconds) in Units.Reverse())
        {
            if (duration.TotalMilliseconds >= milliseconds && duration.TotalMilliseconds % milliseconds == 0)
            {
                return (duration.TotalMilliseconds / milliseconds).ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return duration.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms";
    }

    private static bool TryParse(ReadOnlySpan<char> number, double milliseconds, out TimeSpan duration)
    {
        duration = default;
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value * milliseconds > Max.TotalMilliseconds)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(value * milliseconds);
        return true;
    }
}
