namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>The grammar of ids.</summary>
internal static class Names
{
    public const int MaxEdgeIdLength = 128;

    public static bool IsName(string? text, int maxLength) =>
        text is { Length: > 0 } && text.Length <= maxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
