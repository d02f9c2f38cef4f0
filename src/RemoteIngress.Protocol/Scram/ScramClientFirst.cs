namespace RemoteIngress.Protocol.Scram;

/// <summary>A parsed client-first-message (RFC 5802 section 7).</summary>
public sealed record ScramClientFirst
{
    internal ScramClientFirst(string edgeId, string nonce, string bare)
    {
        EdgeId = edgeId;
        Nonce = nonce;
        Bare = bare;
    }

    /// <summary>User name, unescaped and a valid <see cref="Identity.EdgeId"/>.</summary>
    public string EdgeId { get; }

    /// <summary>The client's nonce.</summary>
    public string Nonce { get; }

    /// <summary>client-first-message-bare: the message without its gs2 header.</summary>
    internal string Bare { get; }
}
