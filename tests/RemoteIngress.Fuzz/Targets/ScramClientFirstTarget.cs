using System.Text;
using RemoteIngress.Protocol.Identity;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>What parses names a valid edge and nonce, says what a client with these says, and can be carried through to the end.</summary>
internal sealed class ScramClientFirstTarget : IFuzzTarget
{
    public string Name => "scram-client-first";

    public IReadOnlyList<byte[]> Dictionary => ScramDictionary.Words;

    public string Run(ReadOnlySpan<byte> input)
    {
        var message = Encoding.UTF8.GetString(input);
        if (!ScramServer.TryParseClientFirst(message, out var first))
        {
            Check.That(first is null, "false with a message");
            return "no";
        }

        Check.That(EdgeId.IsValid(first!.EdgeId) && ScramNonce.IsValid(first.Nonce), "an invalid id or nonce was let through");
        var client = ScramFixture.Client(first.EdgeId, first.Nonce);
        var plain = client.First();
        Check.That(message == plain || message.StartsWith(plain + ",", StringComparison.Ordinal), $"parsed as '{plain}'");

        var server = new ScramServer(ScramFixture.Binding, ScramFixture.ServerNonce);
        Check.That(client.TryFinal(server.Challenge(first, ScramFixture.Verifier), out var final) == ScramStatus.Ok, "the client refuses the challenge");
        var status = server.Finish(final, [ScramFixture.Verifier], out var serverFinal, out _);

        // extensions are signed by both: a client that did not send them must not be let in
        Check.That(status == (message == plain ? ScramStatus.Ok : ScramStatus.WrongProof), $"the exchange ends with {status}");
        Check.That(status != ScramStatus.Ok || client.VerifyServer(serverFinal) == ScramStatus.Ok, "the client refuses the server");
        return status.ToString();
    }
}
