using RemoteIngress.Contracts;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Transport.Handshake;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>One generation of an edge as the data plane uses it: made once from the registry's record, shared by all its tunnels. Immutable.</summary>
/// <param name="Record">What the registry said.</param>
/// <param name="Config">Payload of the CONFIG frame; empty when the snapshot is too large to be sent.</param>
/// <param name="Hubs">The hubs that it names.</param>
/// <param name="Plan">Where its ports go.</param>
internal sealed record EdgeModel(EdgeRecord Record, ReadOnlyMemory<byte> Config, HubList Hubs, ForwardingPlan Plan)
{
    internal long Generation => Record.Generation;

    /// <summary>
    /// The verifier of this generation that stands for the same secret as <paramref name="used"/>; <see langword="null"/> when that
    /// secret is no longer one of the edge's.
    /// </summary>
    internal EdgeVerifier? Find(EdgeVerifier used)
    {
        foreach (var verifier in Record.Verifiers)
        {
            if (verifier.Iterations == used.Iterations
                && verifier.Salt.AsSpan().SequenceEqual(used.Salt.AsSpan())
                && verifier.StoredKey.AsSpan().SequenceEqual(used.StoredKey.AsSpan()))
            {
                return verifier;
            }
        }

        return null;
    }
}
