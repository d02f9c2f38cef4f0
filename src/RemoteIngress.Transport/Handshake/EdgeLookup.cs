using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Transport.Handshake;

/// <summary>What the registry said about an edge id.</summary>
internal sealed record EdgeLookup
{
    private EdgeLookup()
    {
    }

    /// <summary>The registry could not be asked.</summary>
    internal static EdgeLookup Unavailable { get; } = new() { IsUnavailable = true };

    /// <summary>The registry does not know the id: answered exactly as a wrong secret would be.</summary>
    internal static EdgeLookup Unknown { get; } = new();

    internal bool IsUnavailable { get; private init; }

    /// <summary>One verifier, or two during a rotation, with the same salt and iterations. Empty when unknown.</summary>
    internal IReadOnlyList<ScramVerifier> Verifiers { get; private init; } = [];

    internal static EdgeLookup Found(IReadOnlyList<ScramVerifier> verifiers) => new() { Verifiers = verifiers };
}
