using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Transport.Handshake;

/// <summary>Who an edge says it is.</summary>
/// <param name="EdgeId">Its name in the registry.</param>
/// <param name="Secret">Shared with the registry's verifier; never leaves this process.</param>
/// <param name="InstanceId">Tells two processes with one edge id apart.</param>
/// <param name="Software">Name and version, for status output.</param>
/// <param name="Keys">Salted passwords already computed, shared by all loops so that a reconnect costs no PBKDF2.</param>
internal sealed record EdgeIdentity(string EdgeId, string Secret, string InstanceId, string Software, ScramKeyCache Keys)
{
    /// <summary>Which of the parallel tunnels to one hub this is.</summary>
    internal int Lane { get; init; }

    /// <summary>Number of this connection on its lane: the higher is the newer.</summary>
    internal long Attempt { get; init; }

    public override string ToString() => $"{EdgeId}/{InstanceId}";
}
