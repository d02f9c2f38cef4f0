using System.Runtime.InteropServices;

namespace RemoteIngress.Cli.Hosting;

/// <summary>
/// How this process uses the allocator of the C library, which serves OpenSSL. By default glibc gives every thread a heap of its own, and
/// what one thread freed no other can use: over hours of tunnels that come and go such a process grows by tens of megabytes without a leak
/// (docs/benchmarks.md, soak). One heap for all stays as large as it is after minutes; the loops allocate too rarely to get in each other's way.
/// </summary>
internal static partial class NativeMemory
{
    // M_ARENA_MAX of mallopt(3)
    private const int ArenaMax = -8;

    /// <summary>Before the first loop starts: threads that run already keep the heap they have.</summary>
    internal static void ShareOneHeap()
    {
        try
        {
            _ = SetAllocatorOption(ArenaMax, 1);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc: musl has one heap anyway.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocatorOption(int option, int value);
}
