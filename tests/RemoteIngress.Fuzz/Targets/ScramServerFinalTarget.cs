using System.Text;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>Nothing but the right signature makes a client believe the hub.</summary>
internal sealed class ScramServerFinalTarget : IFuzzTarget
{
    private const int SignificantCharacters = 44; // "v=" and 42 characters; the 43rd has bits to spare

    public string Name => "scram-server-final";

    public IReadOnlyList<byte[]> Dictionary => ScramDictionary.Words;

    public string Run(ReadOnlySpan<byte> input)
    {
        var message = Encoding.UTF8.GetString(input);
        var status = ScramFixture.AnsweredClient().VerifyServer(message);
        Check.That(message != ScramFixture.ServerFinal || status == ScramStatus.Ok, $"the right signature is {status}");
        Check.That(
            status != ScramStatus.Ok || message.StartsWith(ScramFixture.ServerFinal[..SignificantCharacters], StringComparison.Ordinal),
            "a wrong signature was believed");
        Check.That(status is not (ScramStatus.WrongNonce or ScramStatus.BadIterations or ScramStatus.UnsupportedMechanism), status.ToString());
        return $"{status} {message == ScramFixture.ServerFinal}";
    }
}
