namespace RemoteIngress.Edge.Hubs;

/// <summary>What <see cref="HubListFile"/> holds.</summary>
internal sealed record HubListContent(int Version, IReadOnlyList<string>? Hubs);
