namespace RemoteIngress.Protocol.Scram;

/// <summary>What a client derives from a secret, salt and iteration count.</summary>
internal sealed class ScramKeys
{
    private ScramKeys(byte[] clientKey, byte[] serverKey)
    {
        ClientKey = clientKey;
        ServerKey = serverKey;
    }

    public byte[] ClientKey { get; }

    public byte[] ServerKey { get; }

    public static ScramKeys Derive(string secret, ReadOnlySpan<byte> salt, int iterations)
    {
        var salted = ScramCrypto.SaltedPassword(secret, salt, iterations);
        return new ScramKeys(ScramCrypto.ClientKey(salted), ScramCrypto.ServerKey(salted));
    }
}
