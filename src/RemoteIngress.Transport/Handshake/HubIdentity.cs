namespace RemoteIngress.Transport.Handshake;

/// <summary>Who a hub says it is.</summary>
/// <param name="HubId">Its name in the cluster.</param>
/// <param name="Software">Name and version, for status output.</param>
/// <param name="DecoyKey">From which the challenges for unknown edge ids are derived.</param>
internal sealed record HubIdentity(string HubId, string Software, DecoyKey DecoyKey);
