using System.Runtime.InteropServices;
using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>Verifiers as the registry keeps them, for the handshake.</summary>
internal static class Verifiers
{
    // Neither side writes to the arrays: they are shared instead of copied.
    internal static ScramVerifier ToScram(EdgeVerifier verifier) =>
        new(Bytes(verifier.Salt), verifier.Iterations, Bytes(verifier.StoredKey), Bytes(verifier.ServerKey));

    private static byte[] Bytes(System.Collections.Immutable.ImmutableArray<byte> array) => ImmutableCollectionsMarshal.AsArray(array) ?? [];
}
