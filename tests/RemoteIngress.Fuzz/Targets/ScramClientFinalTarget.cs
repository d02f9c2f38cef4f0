using System.Text;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>Nothing but the one right answer gets an edge in.</summary>
internal sealed class ScramClientFinalTarget : IFuzzTarget
{
    public string Name => "scram-client-final";

    public IReadOnlyList<byte[]> Dictionary => ScramDictionary.Words;

    public string Run(ReadOnlySpan<byte> input)
    {
        var message = Encoding.UTF8.GetString(input);
        var status = ScramFixture.ChallengingServer().Finish(message, [ScramFixture.Verifier], out var serverFinal, out var index);
        Check.That(message != ScramFixture.ClientFinal || status == ScramStatus.Ok, $"the right answer is {status}");
        Check.That((index == 0) == (status == ScramStatus.Ok), $"{status} with verifier {index}");
        if (status != ScramStatus.Ok)
        {
            Check.That(status is ScramStatus.Malformed or ScramStatus.WrongNonce or ScramStatus.WrongChannelBinding or ScramStatus.WrongProof, status.ToString());
            Check.That(serverFinal.StartsWith("e=", StringComparison.Ordinal), $"'{serverFinal}' is no error");
            return status.ToString();
        }

        Check.That(serverFinal == ScramFixture.ServerFinal, "another server signature");
        var proof = ScramFixture.ClientFinal.LastIndexOf('=', ScramFixture.ClientFinal.Length - 2) - 1;
        Check.That(message.StartsWith(ScramFixture.ClientFinal[..proof], StringComparison.Ordinal), "another message was accepted");
        Check.That(
            Convert.FromBase64String(message[(proof + 2)..]).AsSpan().SequenceEqual(Convert.FromBase64String(ScramFixture.ClientFinal[(proof + 2)..])),
            "another proof was accepted");
        return $"ok {message == ScramFixture.ClientFinal}";
    }
}
