namespace RemoteIngress.Edge.Firewall;

/// <summary>Text that is safe between quotes in nft's language, and short enough for it.</summary>
internal readonly record struct FirewallComment
{
    // nft takes 128 bytes; what is left here are single bytes.
    private const int MaxLength = 120;

    private FirewallComment(string text) => Text = text;

    internal string Text { get; }

    /// <summary>An id and what people wrote about it; whatever nft could take for syntax becomes a question mark.</summary>
    internal static FirewallComment Create(string id, string? comment)
    {
        var text = string.IsNullOrEmpty(comment) ? id : $"{id}: {comment}";
        return new FirewallComment(string.Concat(text.Take(MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) || " ._:,()/+=@-".Contains(c) ? c : '?')));
    }

    public override string ToString() => $"comment \"{Text}\"";
}
