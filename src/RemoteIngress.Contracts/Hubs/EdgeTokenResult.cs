using System.Collections.Immutable;
using System.Text;

namespace RemoteIngress.Contracts;

/// <summary>A connection token, or why there is none. <see cref="ToString"/> never shows the token, which holds the secret.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeTokenResult")]
public sealed record EdgeTokenResult
{
    /// <summary>The outcome.</summary>
    [Id(0)]
    public required EdgeTokenOutcome Outcome { get; init; }

    /// <summary>The token, to be pasted at the edge; <see langword="null"/> unless it was issued.</summary>
    [Id(1)]
    public string? Token { get; init; }

    /// <summary>Everything that is wrong, when <see cref="Outcome"/> is <see cref="EdgeTokenOutcome.Invalid"/>.</summary>
    [Id(2)]
    public ImmutableArray<ValidationError> Errors { get; init; } = [];

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Outcome = ").Append(Outcome);
        return true;
    }
}
