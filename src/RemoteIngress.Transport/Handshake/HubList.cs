namespace RemoteIngress.Transport.Handshake;

/// <summary>The hubs that a hub names to its edges.</summary>
/// <param name="Names">As <c>host:port</c>.</param>
/// <param name="Version">Rises with every change, so that an edge can tell the later of two lists that came over two tunnels; 0 for none yet.</param>
internal sealed record HubList(IReadOnlyList<string> Names, long Version)
{
    internal static HubList None { get; } = new([], 0);
}
