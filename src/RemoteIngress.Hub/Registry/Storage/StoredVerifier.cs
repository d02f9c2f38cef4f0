using System.Runtime.InteropServices;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>A verifier as it is stored: byte arrays, because those become base64 in JSON.</summary>
internal sealed record StoredVerifier
{
    public required byte[] Salt { get; init; }

    public required int Iterations { get; init; }

    public required byte[] StoredKey { get; init; }

    public required byte[] ServerKey { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public static StoredVerifier From(EdgeVerifier verifier) => new()
    {
        Salt = [.. verifier.Salt],
        Iterations = verifier.Iterations,
        StoredKey = [.. verifier.StoredKey],
        ServerKey = [.. verifier.ServerKey],
        NotAfter = verifier.NotAfter,
    };

    // the arrays belong to the stored record, which nobody changes: no copy
    public EdgeVerifier ToVerifier() => new()
    {
        Salt = ImmutableCollectionsMarshal.AsImmutableArray(Salt),
        Iterations = Iterations,
        StoredKey = ImmutableCollectionsMarshal.AsImmutableArray(StoredKey),
        ServerKey = ImmutableCollectionsMarshal.AsImmutableArray(ServerKey),
        NotAfter = NotAfter,
    };
}
