using System.Net;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>
/// Puts the PROXY v2 header of a UDP session where its port wants it: alone before the first datagram, in the first, or in every one. Without
/// fields: a datagram has no room to spare.
/// </summary>
internal sealed class DatagramWriter
{
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly UdpSocket _socket;
    private readonly DatagramCounts _counts;
    private readonly ProxyHeaderKind _kind;
    private readonly byte[] _header = [];
    private bool _isHeaderDue;

    internal DatagramWriter(UdpSocket socket, DatagramCounts counts, ProxyHeaderKind kind, IPEndPoint client, IPEndPoint destination)
    {
        (_socket, _counts, _kind) = (socket, counts, kind);
        _isHeaderDue = kind != ProxyHeaderKind.None;
        if (_isHeaderDue)
        {
            _header = new byte[ProxyV2.GetLength(client, destination, uniqueIdLength: 0, crc32c: false)];
            ProxyV2.Write(_header, client, destination, ProxyTransport.Datagram, [], crc32c: false);
        }
    }

    /// <summary>Sends one datagram of the client. 0, or the errno of what the socket had to say of an earlier one.</summary>
    internal int Send(ReadOnlySpan<byte> payload)
    {
        if (!_isHeaderDue)
        {
            return SendCounted(payload);
        }

        _isHeaderDue = _kind == ProxyHeaderKind.V2Every;
        if (_kind == ProxyHeaderKind.V2HeaderOnly)
        {
            var error = SendCounted(_header);
            return error == 0 ? SendCounted(payload) : error;
        }

        return SendTogether(payload);
    }

    private int SendTogether(ReadOnlySpan<byte> payload)
    {
        var length = _header.Length + payload.Length;
        if (length > FrameLimits.MaxDatagram)
        {
            // The next one that has room for it brings it.
            _isHeaderDue = true;
            _counts.OnDropped(DatagramDrop.TooLarge);
            return 0;
        }

        var scratch = _scratch ??= new byte[FrameLimits.MaxDatagram];
        _header.CopyTo(scratch, 0);
        payload.CopyTo(scratch.AsSpan(_header.Length));
        return SendCounted(scratch.AsSpan(0, length));
    }

    private int SendCounted(ReadOnlySpan<byte> datagram)
    {
        var error = _socket.Send(datagram);
        if (error == Errno.ConnectionRefused)
        {
            return error;
        }

        if (error != 0)
        {
            _counts.OnDropped(error switch
            {
                Errno.Again or Errno.NoBuffers => DatagramDrop.SocketFull,
                Errno.MessageTooLong => DatagramDrop.TooLarge,
                _ => DatagramDrop.SendFailed,
            });
        }

        return 0;
    }
}
