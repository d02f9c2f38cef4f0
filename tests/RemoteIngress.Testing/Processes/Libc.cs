using System.Runtime.InteropServices;

namespace RemoteIngress.Testing.Processes;

internal static class Libc
{
    public static void Kill(int processId, Signal signal)
    {
        if (kill(processId, (int)signal) != 0)
        {
            throw new InvalidOperationException($"kill({processId}, {signal}) failed: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int kill(int processId, int signal);
}
