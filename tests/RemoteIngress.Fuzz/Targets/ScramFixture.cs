using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>One exchange with nothing random in it, to be repeated with one message changed.</summary>
internal static class ScramFixture
{
    public const string EdgeId = "edge-1";
    public const string Secret = "secret";
    public const string ClientNonce = "clientnonce";
    public const string ServerNonce = "servernonce";
    public const string ServerFirst = "r=clientnonceservernonce,s=AQIDBAUGBwgJCgsMDQ4PEA==,i=4096";

    public static readonly byte[] Binding = [1, 2, 3];

    private static readonly ScramKeyCache Cache = new();

    public static readonly ScramVerifier Verifier = ScramVerifier.Create(Secret, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

    /// <summary>What the edge answers to <see cref="ServerFirst"/>.</summary>
    public static readonly string ClientFinal = Answer(Client());

    /// <summary>What the hub answers to <see cref="ClientFinal"/>.</summary>
    public static readonly string ServerFinal = Finish(ClientFinal);

    public static ScramClient Client(string edgeId = EdgeId, string nonce = ClientNonce, bool cached = true) =>
        new(edgeId, Secret, Binding, nonce, cached ? Cache : null);

    /// <summary>A client that awaits <see cref="ServerFinal"/>.</summary>
    public static ScramClient AnsweredClient()
    {
        var client = Client();
        Answer(client);
        return client;
    }

    /// <summary>A hub that awaits <see cref="ClientFinal"/>.</summary>
    public static ScramServer ChallengingServer()
    {
        var server = new ScramServer(Binding, ServerNonce);
        Check.That(ScramServer.TryParseClientFirst(Client().First(), out var first), "the client's own message does not parse");
        Check.That(server.Challenge(first!, Verifier) == ServerFirst, "the fixture's challenge is another");
        return server;
    }

    private static string Answer(ScramClient client)
    {
        Check.That(client.TryFinal(ServerFirst, out var clientFinal) == ScramStatus.Ok, "the fixture's challenge is refused");
        return clientFinal;
    }

    private static string Finish(string clientFinal)
    {
        Check.That(ChallengingServer().Finish(clientFinal, [Verifier], out var serverFinal, out _) == ScramStatus.Ok, "the fixture's proof is refused");
        return serverFinal;
    }
}
