namespace RemoteIngress.Edge.Firewall;

/// <summary>The program <c>nft</c>.</summary>
internal interface INft
{
    /// <summary>Runs it to its end, within a bounded time. What goes wrong is in the result.</summary>
    /// <exception cref="OperationCanceledException">The edge stops; nft was killed.</exception>
    Task<NftResult> RunAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken);
}

/// <summary>How a run ended.</summary>
/// <param name="Output">What it printed; when it succeeded.</param>
/// <param name="Error">Its words in one line; null when it succeeded.</param>
/// <param name="IsUnknown">It was killed, and may have done its work before.</param>
internal sealed record NftResult(string Output, string? Error, bool IsUnknown = false)
{
    internal bool IsOk => Error is null;

    internal static NftResult Failed(string error, bool isUnknown = false) => new("", error, isUnknown);
}
