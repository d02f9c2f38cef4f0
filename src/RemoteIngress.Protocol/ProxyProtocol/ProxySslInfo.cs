using System.Buffers.Binary;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>Content of a <see cref="ProxyTlvType.Ssl"/> field.</summary>
/// <param name="Client">How the client connected.</param>
/// <param name="Verify">0 when the client showed a certificate and it was verified.</param>
/// <param name="Tlvs">Details, of the types <see cref="ProxyTlvType.SslVersion"/> to <see cref="ProxyTlvType.SslClientCertificate"/>.</param>
public sealed record ProxySslInfo(ProxySslClient Client, uint Verify, IReadOnlyList<ProxyTlv> Tlvs)
{
    private const int FixedSize = 5;

    /// <summary>Reads an SSL field; false when it is of another type or malformed.</summary>
    public static bool TryParse(ProxyTlv tlv, out ProxySslInfo? info)
    {
        info = null;
        if (tlv.Type != ProxyTlvType.Ssl || tlv.Value.Length < FixedSize || !ProxyTlv.TryReadAll(tlv.Value[FixedSize..], out var tlvs))
        {
            return false;
        }

        info = new ProxySslInfo((ProxySslClient)tlv.Value.Span[0], BinaryPrimitives.ReadUInt32BigEndian(tlv.Value.Span[1..]), tlvs);
        return true;
    }

    /// <summary>The field with this content.</summary>
    public ProxyTlv ToTlv()
    {
        var value = new byte[FixedSize + Tlvs.Sum(t => ProxyTlv.HeaderSize + t.Value.Length)];
        value[0] = (byte)Client;
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(1), Verify);
        var at = FixedSize;
        foreach (var tlv in Tlvs)
        {
            at += ProxyTlv.Write(value.AsSpan(at), tlv.Type, tlv.Value.Span);
        }

        return new ProxyTlv(ProxyTlvType.Ssl, value);
    }
}
