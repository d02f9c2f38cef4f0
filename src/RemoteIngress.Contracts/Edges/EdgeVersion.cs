namespace RemoteIngress.Contracts;

/// <summary>The short answer that a hub polls for: has this edge changed, and does its grain still know what I reported.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeVersion")]
public sealed record EdgeVersion
{
    /// <summary>Whether the edge is registered.</summary>
    [Id(0)]
    public required bool Registered { get; init; }

    /// <summary>Generation of the record, or of its removal; 0 when nothing is known.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>Changes when the grain was activated anew: it has then forgotten every presence and acknowledgement.</summary>
    [Id(2)]
    public required Guid Epoch { get; init; }
}
