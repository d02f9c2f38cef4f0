namespace RemoteIngress.Contracts;

/// <summary>One thing that is wrong with what was asked for.</summary>
/// <param name="Path">Where, for example <c>[3].listenPorts[1]</c>; empty for the whole.</param>
/// <param name="Message">What is wrong and what would be right, in one line; never holds a secret.</param>
[GenerateSerializer, Immutable, Alias("remoteingress.ValidationError")]
public sealed record ValidationError(
    [property: Id(0)] string Path,
    [property: Id(1)] string Message)
{
    /// <summary>The line for people: <c>path: message</c>.</summary>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
