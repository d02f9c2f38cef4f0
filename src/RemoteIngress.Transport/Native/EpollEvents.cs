using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RemoteIngress.Transport.Native;

/// <summary>
/// An array of <c>struct epoll_event</c>. The kernel packs it to 12 bytes on x64 and aligns it to 16 elsewhere, so it is addressed by
/// stride instead of a C# struct.
/// </summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int Stride = Packed ? 12 : 16;
    private static readonly int DataOffset = Packed ? 4 : 8;

    private byte* _events;

    internal EpollEvents(int capacity)
    {
        Capacity = capacity;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)Stride);
    }

    internal int Capacity { get; }

    internal byte* Pointer => _events;

    internal uint Flags(int index) => Unsafe.ReadUnaligned<uint>(_events + (index * Stride));

    internal ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(_events + (index * Stride) + DataOffset);

    internal void Set(int index, uint flags, ulong data)
    {
        Unsafe.WriteUnaligned(_events + (index * Stride), flags);
        Unsafe.WriteUnaligned(_events + (index * Stride) + DataOffset, data);
    }

    public void Dispose()
    {
        NativeMemory.Free(_events);
        _events = null;
    }
}
