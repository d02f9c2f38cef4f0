using System.Globalization;
using System.Net;

namespace RemoteIngress.Cli.Options;

/// <summary>Text to value for the options of every command. Errors name the cure; the caller puts the option's name in front.</summary>
internal static class OptionParsers
{
    public static Parsed<string> Text(string text) =>
        text.Length == 0 ? new Parsed<string>(null, "is empty; give a value or leave it out") : text;

    /// <summary>Same as <see cref="Text"/>; by its own name so that nobody adds the value to the message.</summary>
    public static Parsed<string> Secret(string text) => Text(text);

    public static Parsed<int> Port(string text) =>
        TryInteger(text, 1, 65535, out var port) ? port : new Parsed<int>(0, $"'{text}' is not a port; use 1 to 65535");

    public static Parsed<int> PortOrZero(string text) =>
        TryInteger(text, 0, 65535, out var port) ? port : new Parsed<int>(0, $"'{text}' is not a port; use 1 to 65535, or 0 for a free one");

    public static Func<string, Parsed<int>> Integer(int min, int max) => text =>
        TryInteger(text, min, max, out var value) ? value : new Parsed<int>(0, $"'{text}' is out of range; use {min} to {max}");

    public static Parsed<IPAddress> Address(string text)
    {
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        return IPAddress.TryParse(bare, out var address)
            ? address
            : new Parsed<IPAddress>(null, $"'{text}' is not an IP address; use one like 127.0.0.1 or [::]");
    }

    public static Parsed<IPEndPoint> EndPoint(string text) =>
        IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port != 0
            ? endPoint
            : new Parsed<IPEndPoint>(null, $"'{text}' is not IP:PORT; use one like 10.0.0.5:11111 or [2001:db8::5]:11111");

    public static Parsed<TimeSpan> Duration(string text) =>
        DurationParser.TryParse(text, out var duration)
            ? duration
            : new Parsed<TimeSpan>(default, $"'{text}' is not a duration; use one like 500ms, 30s or 5m");

    /// <summary>An <c>http://</c> or <c>https://</c> URL of an API, without a path.</summary>
    public static Parsed<Uri> HttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/"
            ? url
            : new Parsed<Uri>(null, $"'{text}' is not an API address; use one like http://127.0.0.1:9080");

    public static Parsed<string> HttpUrlOrNone(string text)
    {
        if (string.Equals(text, "none", StringComparison.OrdinalIgnoreCase))
        {
            return "none";
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == "http" && url.PathAndQuery == "/"
            ? text.TrimEnd('/')
            : new Parsed<string>(null, $"'{text}' is not an http://IP:port URL; use one like http://127.0.0.1:9080, or none");
    }

    public static Func<string, Parsed<T>> OneOf<T>(params (string Text, T Value)[] choices) => text =>
    {
        foreach (var choice in choices)
        {
            if (string.Equals(choice.Text, text, StringComparison.OrdinalIgnoreCase))
            {
                return choice.Value;
            }
        }

        return new Parsed<T>(default, $"'{text}' is unknown; use one of {string.Join(", ", choices.Select(static choice => choice.Text))}");
    };

    private static bool TryInteger(string text, int min, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;
}
