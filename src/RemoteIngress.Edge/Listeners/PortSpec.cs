namespace RemoteIngress.Edge.Listeners;

/// <summary>One public TCP port as the snapshot wants it.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="IsConfirmed">Bytes of a client wait for OPENED (<c>open: confirmed</c>).</param>
internal readonly record struct PortSpec(int Port, bool IsConfirmed);
