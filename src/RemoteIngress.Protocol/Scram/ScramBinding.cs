namespace RemoteIngress.Protocol.Scram;

/// <summary>
/// The gs2 header and channel binding data of an exchange (RFC 5802 section 6). The product only uses
/// <see cref="TlsServerEndPoint"/>; <see cref="None"/> lets the vector of RFC 7677 run through the same code.
/// </summary>
internal sealed record ScramBinding(string Gs2Header, ReadOnlyMemory<byte> Data)
{
    public const string TlsServerEndPointHeader = "p=tls-server-end-point,,";
    public const string NoneHeader = "n,,";

    public static ScramBinding None { get; } = new(NoneHeader, default);

    public static ScramBinding TlsServerEndPoint(ReadOnlyMemory<byte> data) => new(TlsServerEndPointHeader, data);

    /// <summary>What the attribute <c>c</c> holds before base64: the header and the binding data.</summary>
    public byte[] CBindInput() => [.. System.Text.Encoding.ASCII.GetBytes(Gs2Header), .. Data.Span];
}
