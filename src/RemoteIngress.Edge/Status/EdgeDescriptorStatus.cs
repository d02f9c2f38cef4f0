namespace RemoteIngress.Edge.Status;

/// <summary>The descriptors (open files and sockets) of the edge's process.</summary>
/// <param name="Limit">How many it may have (<c>ulimit -n</c>).</param>
/// <param name="Reserved">How many of them are kept for tunnels and the status endpoint: clients do not get these.</param>
/// <param name="Open">How many it has, at most a second ago; -1 when the system does not say.</param>
public sealed record EdgeDescriptorStatus(int Limit, int Reserved, int Open);
