using System.Buffers;

namespace RemoteIngress.Protocol.Identity;

/// <summary>The name under which an edge is registered: 1 to 128 characters of <c>A-Z a-z 0-9 . _ -</c>.</summary>
public static class EdgeId
{
    /// <summary>Longest edge id in characters.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Whether <paramref name="value"/> is a well-formed edge id. Null is not.</summary>
    public static bool IsValid(string? value) => IsToken(value, MaxLength);

    internal static bool IsToken(string? value, int maxLength) =>
        value is { Length: > 0 } && value.Length <= maxLength && !value.AsSpan().ContainsAnyExcept(Allowed);
}
