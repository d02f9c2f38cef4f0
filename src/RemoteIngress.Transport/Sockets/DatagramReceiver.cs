using System.Runtime.InteropServices;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Sockets;

/// <summary>
/// Room for what one recvmmsg(2) brings, lent to whichever socket of the loop has its turn. Not collected memory: the kernel writes into it.
/// </summary>
internal sealed unsafe class DatagramReceiver : IDisposable
{
    /// <summary>Datagrams of one call.</summary>
    internal const int Capacity = 32;

    // The longest that IPv6 carries without jumbograms fits, so that nothing is ever clipped.
    private const int PayloadSize = 65_536;

    private readonly MultiMessage* _messages;
    private readonly IoVector* _vectors;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly byte* _payloads;

    internal DatagramReceiver()
    {
        _messages = (MultiMessage*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(MultiMessage));
        _vectors = (IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(IoVector));
        _names = (byte*)NativeMemory.AllocZeroed(Capacity, SockAddr.MaxLength);
        _controls = (byte*)NativeMemory.AllocZeroed(Capacity, PacketInfo.ControlSize);
        _payloads = (byte*)NativeMemory.Alloc(Capacity, PayloadSize);
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i] = new IoVector { Base = _payloads + (i * PayloadSize), Length = PayloadSize };
            _messages[i].Header = new MessageHeader { Name = _names + (i * SockAddr.MaxLength), Vectors = _vectors + i, VectorCount = 1, Control = _controls + (i * PacketInfo.ControlSize) };
        }
    }

    /// <summary>Receives what there is, at most <see cref="Capacity"/>; -1 with <paramref name="error"/>, EAGAIN when there is nothing.</summary>
    internal int Receive(UdpSocket socket, out int error)
    {
        for (var i = 0; i < Capacity; i++)
        {
            _messages[i].Header.NameLength = SockAddr.MaxLength;
            _messages[i].Header.ControlLength = PacketInfo.ControlSize;
        }

        int count;
        do
        {
            count = Libc.ReceiveMany(socket.Descriptor, _messages, Capacity, 0, null);
        }
        while (count < 0 && Libc.Errno == Errno.Interrupted);

        error = count < 0 ? Libc.Errno : 0;
        return count;
    }

    internal ReadOnlySpan<byte> Payload(int index) => new(_payloads + (index * PayloadSize), (int)_messages[index].Length);

    /// <summary>Where it came from, as the kernel writes it.</summary>
    internal ReadOnlySpan<byte> Name(int index) => new(_names + (index * SockAddr.MaxLength), SockAddr.MaxLength);

    /// <inheritdoc cref="PacketInfo.Read"/>
    internal void ReadInfo(int index, ref UInt128 local, ref uint drops) =>
        PacketInfo.Read(new ReadOnlySpan<byte>(_controls + (index * PacketInfo.ControlSize), (int)_messages[index].Header.ControlLength), ref local, ref drops);

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_payloads);
    }
}
