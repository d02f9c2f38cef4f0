using System.Security.Cryptography;

namespace RemoteIngress.Protocol.Scram;

/// <summary>
/// The edge's side of one SCRAM-SHA-256-PLUS exchange (RFC 5802, 7677) bound to the hub's certificate (RFC 5929).
/// One object per exchange: <see cref="First"/>, <see cref="TryFinal"/>, <see cref="VerifyServer"/>, in this order.
/// </summary>
public sealed class ScramClient
{
    private const int MaxSalt = 256;

    private readonly string _secret;
    private readonly string _nonce;
    private readonly ScramBinding _binding;
    private readonly ScramKeyCache? _cache;
    private readonly string _firstBare;
    private byte[]? _expectedSignature;

    /// <summary>Starts an exchange.</summary>
    /// <param name="edgeId">User name.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="channelBinding">Of the certificate the hub showed: <see cref="Tls.TlsServerEndPoint.Binding"/>.</param>
    /// <param name="clientNonce">Fresh for every exchange: <see cref="ScramNonce.Create"/>.</param>
    /// <param name="cache">Saves the PBKDF2 of later exchanges.</param>
    /// <exception cref="ArgumentException">The nonce is not valid.</exception>
    public ScramClient(string edgeId, string secret, ReadOnlyMemory<byte> channelBinding, string clientNonce, ScramKeyCache? cache = null)
        : this(edgeId, secret, ScramBinding.TlsServerEndPoint(channelBinding), clientNonce, cache)
    {
    }

    internal ScramClient(string edgeId, string secret, ScramBinding binding, string clientNonce, ScramKeyCache? cache)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        ArgumentException.ThrowIfNullOrEmpty(secret);
        if (!ScramNonce.IsValid(clientNonce))
        {
            throw new ArgumentException("A nonce is printable ASCII without comma.", nameof(clientNonce));
        }

        _secret = secret;
        _nonce = clientNonce;
        _binding = binding;
        _cache = cache;
        _firstBare = $"n={ScramText.EscapeName(edgeId)},r={clientNonce}";
    }

    /// <summary>The client-first-message.</summary>
    public string First() => _binding.Gs2Header + _firstBare;

    /// <summary>Answers the server-first-message. Costs a PBKDF2 unless the cache knows the keys.</summary>
    public ScramStatus TryFinal(string serverFirst, out string clientFinal)
    {
        clientFinal = "";
        var status = ParseServerFirst(serverFirst, out var nonce, out var salt, out var iterations);
        if (status != ScramStatus.Ok)
        {
            return status;
        }

        var withoutProof = $"c={Convert.ToBase64String(_binding.CBindInput())},r={nonce}";
        var authMessage = $"{_firstBare},{serverFirst},{withoutProof}";
        var keys = _cache?.GetOrDerive(_secret, salt, iterations) ?? ScramKeys.Derive(_secret, salt, iterations);
        var signature = ScramCrypto.Sign(SHA256.HashData(keys.ClientKey), authMessage);
        clientFinal = $"{withoutProof},p={Convert.ToBase64String(ScramCrypto.Xor(keys.ClientKey, signature))}";
        _expectedSignature = ScramCrypto.Sign(keys.ServerKey, authMessage);
        return ScramStatus.Ok;
    }

    /// <summary>Checks the server-final-message: only <see cref="ScramStatus.Ok"/> means that the hub knows the secret.</summary>
    /// <exception cref="InvalidOperationException"><see cref="TryFinal"/> has not succeeded before.</exception>
    public ScramStatus VerifyServer(string serverFinal)
    {
        var expected = _expectedSignature ?? throw new InvalidOperationException("TryFinal comes before VerifyServer.");
        ReadOnlySpan<char> rest = serverFinal;
        if (ScramText.TryTake(ref rest, 'e', out var error))
        {
            return error is "channel-bindings-dont-match" ? ScramStatus.WrongChannelBinding : ScramStatus.WrongProof;
        }

        if (!ScramText.TryTake(ref rest, 'v', out var value) || !ScramText.TryBase64(value, ScramCrypto.HashSize, out var signature))
        {
            return ScramStatus.Malformed;
        }

        return CryptographicOperations.FixedTimeEquals(signature, expected) ? ScramStatus.Ok : ScramStatus.WrongServerSignature;
    }

    private ScramStatus ParseServerFirst(string message, out string nonce, out byte[] salt, out int iterations)
    {
        (nonce, salt, iterations) = ("", [], 0);
        ReadOnlySpan<char> rest = message;
        if (rest.StartsWith("m=", StringComparison.Ordinal))
        {
            return ScramStatus.UnsupportedMechanism;
        }

        if (!ScramText.TryTake(ref rest, 'r', out var nonceText) || !ScramNonce.IsValid(nonceText)
            || !ScramText.TryTake(ref rest, 's', out var saltText) || !ScramText.TryBase64(saltText, MaxSalt, out var saltBytes)
            || !ScramText.TryTake(ref rest, 'i', out var iterationsText) || !ScramText.TryPositiveNumber(iterationsText, out iterations))
        {
            return ScramStatus.Malformed;
        }

        if (nonceText.Length <= _nonce.Length || !nonceText.StartsWith(_nonce, StringComparison.Ordinal))
        {
            return ScramStatus.WrongNonce;
        }

        (nonce, salt) = (nonceText.ToString(), saltBytes);
        return iterations is < ScramVerifier.MinIterations or > ScramVerifier.MaxIterations ? ScramStatus.BadIterations : ScramStatus.Ok;
    }
}
