using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Protocol.Tests.Scram;

/// <summary>Runs one exchange; every part can be made wrong.</summary>
internal sealed record ScramExchange
{
    public static readonly byte[] Salt = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    private static readonly ScramVerifier[] Known = [ScramVerifier.Create("secret", Salt)];

    public string EdgeId { get; init; } = "edge-1";
    public string Secret { get; init; } = "secret";
    public byte[] ClientBinding { get; init; } = [1, 2, 3];
    public byte[] ServerBinding { get; init; } = [1, 2, 3];
    public IReadOnlyList<ScramVerifier> Verifiers { get; init; } = Known;
    public Func<string, string> ServerFirst { get; init; } = s => s;
    public Func<string, string> ClientFinal { get; init; } = s => s;
    public Func<string, string> ServerFinal { get; init; } = s => s;
    public ScramKeyCache? Cache { get; init; }

    public Outcome Run()
    {
        var client = new ScramClient(EdgeId, Secret, ClientBinding, "clientnonce", Cache);
        Assert.True(ScramServer.TryParseClientFirst(client.First(), out var first));
        Assert.Equal(EdgeId, first!.EdgeId);
        var server = new ScramServer(ServerBinding, "servernonce");
        var challenge = server.Challenge(first, Verifiers[0]);
        var answered = client.TryFinal(ServerFirst(challenge), out var clientFinal);
        if (answered != ScramStatus.Ok)
        {
            return new Outcome(answered, default, default, -1, challenge, "");
        }

        var finished = server.Finish(ClientFinal(clientFinal), Verifiers, out var serverFinal, out var index);
        var verified = client.VerifyServer(ServerFinal(serverFinal));
        return new Outcome(answered, finished, verified, index, challenge, serverFinal);
    }

    internal sealed record Outcome(ScramStatus Client, ScramStatus Server, ScramStatus Verified, int Index, string Challenge, string ServerFinal);
}
