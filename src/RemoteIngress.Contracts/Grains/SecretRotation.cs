using System.Text;

namespace RemoteIngress.Contracts;

/// <summary>The answer to a rotation: the only place where a secret leaves the registry, once.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.SecretRotation")]
public sealed record SecretRotation
{
    /// <summary>The new secret in clear.</summary>
    [Id(0)]
    public required string Secret { get; init; }

    /// <summary>The generation that carries its verifier.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>Until when the old secret still works; <see langword="null"/> when it stopped working at once.</summary>
    [Id(2)]
    public DateTimeOffset? OldSecretValidUntil { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Secret = (redacted), Generation = ").Append(Generation);
        return true;
    }
}
