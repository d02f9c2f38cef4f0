namespace RemoteIngress.Protocol.Identity;

/// <summary>
/// Tells two running instances of one edge apart: 1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>,
/// chosen by the edge and kept for the life of its process.
/// </summary>
public static class InstanceId
{
    /// <summary>Longest instance id in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether <paramref name="value"/> is a well-formed instance id. Null is not.</summary>
    public static bool IsValid(string? value) => EdgeId.IsToken(value, MaxLength);
}
