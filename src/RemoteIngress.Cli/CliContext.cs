namespace RemoteIngress.Cli;

/// <summary>Everything a command takes from its process, so that tests can give it something else.</summary>
internal sealed class CliContext
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    public required Func<string, string?> Environment { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal: tables get colours and <c>--watch</c> redraws in place.</summary>
    public bool Interactive { get; init; }

    /// <summary>Width of tables; a pipe has none of its own, so lines are never wrapped there.</summary>
    public int Width { get; init; } = 200;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Func<HttpMessageHandler> HttpHandler { get; init; } = static () => new SocketsHttpHandler { UseProxy = false };

    public static CliContext FromProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        Environment = System.Environment.GetEnvironmentVariable,
        Interactive = !Console.IsOutputRedirected,
        Width = Console.IsOutputRedirected ? 200 : Math.Max(60, Console.WindowWidth),
    };

    /// <summary>A variable that is set and not empty: compose files and units often pass empty ones for "not set".</summary>
    public string? Variable(string name)
    {
        var value = Environment(name);
        return string.IsNullOrEmpty(value) ? null : value;
    }
}
