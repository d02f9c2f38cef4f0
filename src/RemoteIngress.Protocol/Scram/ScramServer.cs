using System.Security.Cryptography;
using RemoteIngress.Protocol.Identity;

namespace RemoteIngress.Protocol.Scram;

/// <summary>
/// The hub's side of one SCRAM-SHA-256-PLUS exchange (RFC 5802, 7677) bound to its certificate (RFC 5929).
/// One object per exchange: <see cref="Challenge"/>, then <see cref="Finish"/>.
/// </summary>
public sealed class ScramServer
{
    private const int MaxBinding = 512;

    private readonly ScramBinding _binding;
    private readonly string _serverNonce;
    private string? _prefix;
    private string? _nonce;

    /// <summary>Starts an exchange.</summary>
    /// <param name="channelBinding">Of the certificate this hub showed on this connection: <see cref="Tls.TlsServerEndPoint.Binding"/>.</param>
    /// <param name="serverNonce">Fresh for every exchange: <see cref="ScramNonce.Create"/>.</param>
    /// <exception cref="ArgumentException">The nonce is not valid.</exception>
    public ScramServer(ReadOnlyMemory<byte> channelBinding, string serverNonce)
        : this(ScramBinding.TlsServerEndPoint(channelBinding), serverNonce)
    {
    }

    internal ScramServer(ScramBinding binding, string serverNonce)
    {
        if (!ScramNonce.IsValid(serverNonce))
        {
            throw new ArgumentException("A nonce is printable ASCII without comma.", nameof(serverNonce));
        }

        _binding = binding;
        _serverNonce = serverNonce;
    }

    /// <summary>
    /// Reads a client-first-message. False when it is malformed, names no valid edge id, or asks for anything but
    /// channel binding <c>tls-server-end-point</c>.
    /// </summary>
    public static bool TryParseClientFirst(string message, out ScramClientFirst? first) =>
        TryParseClientFirst(message, ScramBinding.TlsServerEndPointHeader, out first);

    internal static bool TryParseClientFirst(string message, string gs2Header, out ScramClientFirst? first)
    {
        first = null;
        if (message is null || !message.StartsWith(gs2Header, StringComparison.Ordinal))
        {
            return false;
        }

        var bare = message.AsSpan(gs2Header.Length);
        var rest = bare;
        if (!ScramText.TryTake(ref rest, 'n', out var nameText) || !ScramText.TryUnescapeName(nameText, out var name)
            || !EdgeId.IsValid(name)
            || !ScramText.TryTake(ref rest, 'r', out var nonce) || nonce.Length > ScramNonce.MaxLength / 2 || !ScramNonce.IsValid(nonce))
        {
            return false;
        }

        first = new ScramClientFirst(name, nonce.ToString(), bare.ToString());
        return true;
    }

    /// <summary>The server-first-message. Verifiers passed to <see cref="Finish"/> must share this one's salt and iterations.</summary>
    public string Challenge(ScramClientFirst first, ScramVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(verifier);
        _nonce = first.Nonce + _serverNonce;
        var message = $"r={_nonce},s={Convert.ToBase64String(verifier.Salt)},i={verifier.Iterations}";
        _prefix = $"{first.Bare},{message},";
        return message;
    }

    /// <summary>Checks the client-final-message against every verifier, in time that does not depend on which one matches.</summary>
    /// <param name="clientFinal">The client's message.</param>
    /// <param name="verifiers">Valid verifiers of the edge (two during a rotation), or one decoy.</param>
    /// <param name="serverFinal">The server-final-message: <c>v=…</c> on success, else <c>e=…</c>.</param>
    /// <param name="verifierIndex">Which verifier matched first; -1 for none.</param>
    /// <exception cref="InvalidOperationException"><see cref="Challenge"/> was not called before.</exception>
    public ScramStatus Finish(string clientFinal, IReadOnlyList<ScramVerifier> verifiers, out string serverFinal, out int verifierIndex)
    {
        ArgumentNullException.ThrowIfNull(verifiers);
        var prefix = _prefix ?? throw new InvalidOperationException("Challenge comes before Finish.");
        verifierIndex = -1;
        serverFinal = "e=other-error";
        var status = ParseClientFinal(clientFinal, out var withoutProof, out var proof);
        if (status != ScramStatus.Ok)
        {
            serverFinal = status == ScramStatus.WrongChannelBinding ? "e=channel-bindings-dont-match" : serverFinal;
            return status;
        }

        var authMessage = prefix + withoutProof;
        for (var i = verifiers.Count - 1; i >= 0; i--)
        {
            var signature = ScramCrypto.Sign(verifiers[i].ServerKey, authMessage);
            if (IsProof(proof, verifiers[i].StoredKey, authMessage))
            {
                verifierIndex = i;
                serverFinal = $"v={Convert.ToBase64String(signature)}";
            }
        }

        if (verifierIndex >= 0)
        {
            return ScramStatus.Ok;
        }

        serverFinal = "e=invalid-proof";
        return ScramStatus.WrongProof;
    }

    private static bool IsProof(byte[] proof, byte[] storedKey, string authMessage)
    {
        var clientKey = ScramCrypto.Xor(proof, ScramCrypto.Sign(storedKey, authMessage));
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), storedKey);
    }

    private ScramStatus ParseClientFinal(string message, out string withoutProof, out byte[] proof)
    {
        (withoutProof, proof) = ("", []);
        var proofAt = message?.LastIndexOf(",p=", StringComparison.Ordinal) ?? -1;
        if (proofAt < 0 || !ScramText.TryBase64(message.AsSpan(proofAt + 3), ScramCrypto.HashSize, out var proofBytes)
            || proofBytes.Length != ScramCrypto.HashSize)
        {
            return ScramStatus.Malformed;
        }

        var rest = message.AsSpan(0, proofAt);
        var expected = _binding.CBindInput();
        if (!ScramText.TryTake(ref rest, 'c', out var binding) || !ScramText.TryTake(ref rest, 'r', out var nonce)
            || !ScramText.TryBase64(binding, MaxBinding, out var bindingBytes))
        {
            return ScramStatus.Malformed;
        }

        if (!CryptographicOperations.FixedTimeEquals(bindingBytes, expected))
        {
            return ScramStatus.WrongChannelBinding;
        }

        (withoutProof, proof) = (message![..proofAt], proofBytes);
        return nonce.SequenceEqual(_nonce) ? ScramStatus.Ok : ScramStatus.WrongNonce;
    }
}
