namespace RemoteIngress.Transport.Native;

/// <summary><c>struct rlimit</c>: what is in force, and how far this process may raise it.</summary>
internal record struct ResourceLimit(ulong Soft, ulong Hard);
