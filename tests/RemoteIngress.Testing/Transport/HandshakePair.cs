using RemoteIngress.Protocol.Scram;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Testing.Transport;

/// <summary>An edge and a hub that authenticate for real, in memory. The registry answers at once unless it is held.</summary>
internal sealed class HandshakePair
{
    internal static readonly byte[] Binding = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly ScramKeyCache Keys = new();
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("secret", new byte[16]);

    internal HandshakePair(string secret = "secret", string edgeId = "edge-1", TunnelOptions? options = null)
    {
        Pair = new CorePair(options);
        EdgeHandshake = new EdgeHandshake(new EdgeIdentity(edgeId, secret, "i1", "test/1", Keys), Pair.Edge.Core);
        HubHandshake = new HubHandshake(new HubIdentity("hub-a", "test/1", new DecoyKey(new byte[DecoyKey.Length])), Pair.Hub.Core) { Hubs = static () => new HubList(["10.0.0.1:8443"], 7) };
        Lookup = edgeId == "edge-1" ? EdgeLookup.Found([Verifier]) : EdgeLookup.Unknown;
        Pair.Hub.HelloHandler = _ =>
        {
            if (Lookup is not null)
            {
                HubHandshake.Answer(Lookup);
            }
        };
    }

    internal CorePair Pair { get; }

    internal EdgeHandshake EdgeHandshake { get; }

    internal HubHandshake HubHandshake { get; }

    /// <summary>What the registry says; null holds the answer back.</summary>
    internal EdgeLookup? Lookup { get; set; }

    internal CoreEnd Edge => Pair.Edge;

    internal CoreEnd Hub => Pair.Hub;

    /// <summary>Runs both sides until nothing moves any more.</summary>
    internal HandshakePair Run(byte[]? hubBinding = null)
    {
        Begin(hubBinding);
        Pair.Pump();
        return this;
    }

    internal void Begin(byte[]? hubBinding = null)
    {
        Hub.Core.Begin(HubHandshake, hubBinding ?? Binding, Pair.Now);
        Edge.Core.Begin(EdgeHandshake, Binding, Pair.Now);
    }
}
