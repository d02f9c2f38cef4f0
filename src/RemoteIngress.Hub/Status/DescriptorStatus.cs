namespace RemoteIngress.Hub;

/// <summary>The descriptors (open files and sockets) of the hub's process.</summary>
/// <param name="Limit">How many it may have (<c>ulimit -n</c>).</param>
/// <param name="Reserved">How many of them are kept for tunnels, the HTTP API and the registry.</param>
/// <param name="Open">How many it has, at most a second ago; -1 when the system does not say.</param>
public sealed record DescriptorStatus(int Limit, int Reserved, int Open);
