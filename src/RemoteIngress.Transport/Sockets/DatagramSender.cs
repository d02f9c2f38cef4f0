using System.Runtime.InteropServices;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Sockets;

/// <summary>
/// Answers that leave by public UDP ports, collected over one turn of the loop and sent by one sendmmsg(2). What a socket does not take is
/// dropped and counted: a datagram that waits is worth less than the one behind it.
/// </summary>
internal sealed unsafe class DatagramSender(EventLoop loop, DatagramCounts counts) : ITurn, IDisposable
{
    private const int Capacity = 64;
    private const int PayloadRoom = 256 * 1024;

    private readonly MultiMessage* _messages = (MultiMessage*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(MultiMessage));
    private readonly IoVector* _vectors = (IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(IoVector));
    private readonly byte* _names = (byte*)NativeMemory.AllocZeroed(Capacity, SockAddr.MaxLength);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(Capacity, PacketInfo.ControlSize);
    private readonly byte* _payloads = (byte*)NativeMemory.Alloc(PayloadRoom);
    private UdpSocket _socket;
    private int _count;
    private int _used;

    bool ITurn.IsQueued { get; set; }

    bool ITurn.Turn()
    {
        Flush();
        return false;
    }

    /// <summary>Adds one datagram, copied, to leave by <paramref name="socket"/> from <paramref name="local"/> to <paramref name="name"/>.</summary>
    internal void Add(UdpSocket socket, ReadOnlySpan<byte> name, UInt128 local, ReadOnlySpan<byte> payload)
    {
        if (_count == Capacity || _used + payload.Length > PayloadRoom || (_count > 0 && _socket.Descriptor != socket.Descriptor))
        {
            Flush();
        }

        _socket = socket;
        var control = new Span<byte>(_controls + (_count * PacketInfo.ControlSize), PacketInfo.ControlSize);
        name.CopyTo(new Span<byte>(_names + (_count * SockAddr.MaxLength), SockAddr.MaxLength));
        payload.CopyTo(new Span<byte>(_payloads + _used, payload.Length));
        _vectors[_count] = new IoVector { Base = _payloads + _used, Length = (nuint)payload.Length };
        _messages[_count].Header = new MessageHeader
        {
            Name = _names + (_count * SockAddr.MaxLength),
            NameLength = (uint)SockAddr.Length(name),
            Vectors = _vectors + _count,
            VectorCount = 1,
            Control = _controls + (_count * PacketInfo.ControlSize),
            ControlLength = (nuint)PacketInfo.Write(control, local, socket.IsIPv4),
        };
        _used += payload.Length;
        _count++;
        loop.Queue(this);
    }

    /// <summary>Sends what was collected. Whoever closes a socket calls it before.</summary>
    internal void Flush()
    {
        for (var sent = 0; sent < _count;)
        {
            var result = Libc.SendMany(_socket.Descriptor, _messages + sent, (uint)(_count - sent), Linux.NoSignal);
            if (result >= 0)
            {
                sent += result;
            }
            else if (Libc.Errno == Errno.Again)
            {
                counts.OnDropped(DatagramDrop.SocketFull, _count - sent);
                break;
            }
            else if (Libc.Errno != Errno.Interrupted)
            {
                // The first of them cannot be sent; those behind it may go elsewhere.
                counts.OnDropped(Libc.Errno == Errno.MessageTooLong ? DatagramDrop.TooLarge : DatagramDrop.SendFailed);
                sent++;
            }
        }

        (_count, _used) = (0, 0);
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_payloads);
    }
}
