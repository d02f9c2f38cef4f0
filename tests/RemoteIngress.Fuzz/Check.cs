using System.Diagnostics.CodeAnalysis;

namespace RemoteIngress.Fuzz;

/// <summary>The assertions of the targets.</summary>
internal static class Check
{
    public static void That([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
        {
            throw new FuzzFailedException(message);
        }
    }

    /// <summary>An error is one line for a log or a terminal: whoever sent the input must not write lines of their own there.</summary>
    public static void OneLine(string? text, string what)
    {
        That(!string.IsNullOrWhiteSpace(text), $"{what} is empty");
        That(text.All(c => !char.IsControl(c) && c is not ('\u2028' or '\u2029')), $"{what} holds a control character");
        That(text.Length <= 2048, $"{what} has {text.Length} characters");
    }
}
