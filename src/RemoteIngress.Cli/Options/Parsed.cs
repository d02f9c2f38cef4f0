namespace RemoteIngress.Cli.Options;

/// <summary>A value read from text, or the reason why it could not be: what is wrong and the cure, in one line.</summary>
internal readonly record struct Parsed<T>(T? Value, string? Error)
{
    public static implicit operator Parsed<T>(T value) => new(value, null);
}
