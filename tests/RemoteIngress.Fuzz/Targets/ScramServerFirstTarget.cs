using System.Text;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>A challenge is answered only when it carries the client's nonce on, and the right hub accepts the answer.</summary>
internal sealed class ScramServerFirstTarget : IFuzzTarget
{
    // deriving keys for more takes milliseconds and finds nothing: the number itself is judged before
    private const int MaxIterations = 5000;

    public string Name => "scram-server-first";

    public IReadOnlyList<byte[]> Dictionary => ScramDictionary.Words;

    public string Run(ReadOnlySpan<byte> input)
    {
        var message = Encoding.UTF8.GetString(input);
        var number = message.LastIndexOf(",i=", StringComparison.Ordinal);
        if (number >= 0 && int.TryParse(message.AsSpan(number + 3), out var iterations) && iterations is > MaxIterations and < ScramVerifier.MaxIterations)
        {
            return "slow";
        }

        var client = ScramFixture.Client();
        var status = client.TryFinal(message, out var final);
        if (status != ScramStatus.Ok)
        {
            Check.That(final.Length == 0, $"{status} with an answer");
            Check.That(status is ScramStatus.Malformed or ScramStatus.WrongNonce or ScramStatus.BadIterations or ScramStatus.UnsupportedMechanism, status.ToString());
            return status.ToString();
        }

        var parts = message.Split(',');
        var nonce = parts[0][2..];
        Check.That(nonce.StartsWith(ScramFixture.ClientNonce, StringComparison.Ordinal) && nonce.Length > ScramFixture.ClientNonce.Length, "a foreign nonce was answered");
        Check.That(final.Contains($",r={nonce},p=", StringComparison.Ordinal), "the answer has another nonce");
        return Finish(client, message, final, nonce[ScramFixture.ClientNonce.Length..], Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..], null));
    }

    private static string Finish(ScramClient client, string message, string final, string serverNonce, byte[] salt, int iterations)
    {
        var verifier = ScramVerifier.Create(ScramFixture.Secret, salt, iterations);
        var server = new ScramServer(ScramFixture.Binding, serverNonce);
        Check.That(ScramServer.TryParseClientFirst(client.First(), out var first), "the client's own message does not parse");

        // base64 that is not canonical, or extensions: then this hub's challenge was another
        var status = server.Challenge(first!, verifier) == message ? ScramStatus.Ok : ScramStatus.WrongProof;
        Check.That(server.Finish(final, [verifier], out var serverFinal, out _) == status, $"the hub does not say {status}");
        Check.That(status != ScramStatus.Ok || client.VerifyServer(serverFinal) == ScramStatus.Ok, "the client refuses the server");
        return $"answered {status}";
    }
}
