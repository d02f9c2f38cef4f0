using System.Runtime.InteropServices;

namespace RemoteIngress.Transport.Native;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal byte* Base;
    internal nuint Length;
}

/// <summary><c>struct msghdr</c> (glibc, 64 bit).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal byte* Name;
    internal uint NameLength;
    internal IoVector* Vectors;
    internal nuint VectorCount;
    internal byte* Control;
    internal nuint ControlLength;
    internal int Flags;
}

/// <summary><c>struct mmsghdr</c>: one message of recvmmsg(2) or sendmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MultiMessage
{
    internal MessageHeader Header;
    internal uint Length;
}
