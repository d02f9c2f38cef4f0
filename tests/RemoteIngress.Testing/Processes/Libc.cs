using System.Runtime.InteropServices;

namespace RemoteIngress.Testing.Processes;

internal static class Libc
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    public static void Kill(int processId, Signal signal)
    {
        if (kill(processId, (int)signal) != 0)
        {
            throw new InvalidOperationException($"kill({processId}, {signal}) failed: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Puts the calling thread, and it alone, into another network namespace.</summary>
    public static void EnterNetwork(string path)
    {
        using var file = File.OpenHandle(path);
        if (setns(file, NewNetwork) != 0)
        {
            throw new InvalidOperationException($"setns({path}) failed: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int kill(int processId, int signal);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int setns(SafeHandle descriptor, int type);
}
