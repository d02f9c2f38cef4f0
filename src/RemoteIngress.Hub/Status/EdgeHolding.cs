namespace RemoteIngress.Hub;

/// <summary>A hub holds tunnels of an instance of an edge.</summary>
/// <param name="HubId">The hub.</param>
/// <param name="InstanceId">Which instance.</param>
/// <param name="ConnectedAt">Since when.</param>
/// <param name="AcknowledgedGeneration">What it acknowledged there last; 0 for nothing yet.</param>
/// <param name="ActiveStreams">Its open TCP connections there.</param>
public sealed record EdgeHolding(string HubId, string InstanceId, DateTimeOffset ConnectedAt, long AcknowledgedGeneration, int ActiveStreams);
