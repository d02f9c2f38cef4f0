using System.Net;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>A PROXY header of either version.</summary>
public sealed record ProxyHeader
{
    /// <summary>Whom the sender speaks for. Version 1 is always <see cref="ProxyCommand.Proxy"/>.</summary>
    public required ProxyCommand Command { get; init; }

    /// <summary>Transport of the proxied connection.</summary>
    public required ProxyTransport Transport { get; init; }

    /// <summary>Kind of the addresses; <see cref="ProxyAddressFamily.Unspecified"/> when there are none to use.</summary>
    public required ProxyAddressFamily Family { get; init; }

    /// <summary>The client. Null unless <see cref="Family"/> is IPv4 or IPv6.</summary>
    public IPEndPoint? Source { get; init; }

    /// <summary>What the client connected to. Null unless <see cref="Family"/> is IPv4 or IPv6.</summary>
    public IPEndPoint? Destination { get; init; }

    /// <summary>The client's Unix socket path, at most 108 bytes, without trailing NULs; abstract names start with NUL.</summary>
    public ReadOnlyMemory<byte> SourcePath { get; init; }

    /// <summary>The Unix socket path that the client connected to; as <see cref="SourcePath"/>.</summary>
    public ReadOnlyMemory<byte> DestinationPath { get; init; }

    /// <summary>Version 2's fields, in order, CRC32C among them when read. Empty for LOCAL and for headers without addresses.</summary>
    public IReadOnlyList<ProxyTlv> Tlvs { get; init; } = [];

    /// <summary>Value of the first field of <paramref name="type"/>, if there is one.</summary>
    public bool TryGetTlv(ProxyTlvType type, out ReadOnlyMemory<byte> value)
    {
        foreach (var tlv in Tlvs)
        {
            if (tlv.Type == type)
            {
                value = tlv.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
