using System.Net;
using System.Security.Cryptography;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>Writes the PROXY header that a target gets.</summary>
internal static class TargetHeader
{
    /// <summary>Bytes of UNIQUE_ID: random, so that ids of all hubs and restarts differ.</summary>
    internal const int UniqueIdLength = 16;

    /// <summary>Room for either version.</summary>
    internal const int MaxLength = 128;

    /// <summary>Returns the length; 0 for none.</summary>
    internal static int Write(Span<byte> buffer, ProxyHeaderKind kind, IPEndPoint source, IPEndPoint destination)
    {
        switch (kind)
        {
            case ProxyHeaderKind.V1:
                return ProxyV1.Write(buffer, source, destination);
            case ProxyHeaderKind.V2:
                Span<byte> id = stackalloc byte[UniqueIdLength];
                RandomNumberGenerator.Fill(id);
                return ProxyV2.Write(buffer, source, destination, ProxyTransport.Stream, id, crc32c: true);
            default:
                return 0;
        }
    }
}
