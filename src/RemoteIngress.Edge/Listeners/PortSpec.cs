namespace RemoteIngress.Edge.Listeners;

/// <summary>One public port as the snapshot wants it.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="IsUdp">UDP; else TCP.</param>
/// <param name="IsConfirmed">TCP: bytes of a client wait for OPENED (<c>open: confirmed</c>).</param>
internal readonly record struct PortSpec(int Port, bool IsUdp, bool IsConfirmed)
{
    /// <summary>What it is known by: TCP and UDP have the same numbers.</summary>
    internal (int Port, bool IsUdp) Key => (Port, IsUdp);

    /// <summary>As CONFIG_ACK writes it.</summary>
    internal string Protocol => IsUdp ? "udp" : "tcp";
}
