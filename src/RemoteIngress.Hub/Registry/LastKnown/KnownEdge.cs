using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.LastKnown;

/// <summary>What the registry said last of one edge.</summary>
/// <param name="Record">Verifiers and settings; no secret.</param>
/// <param name="ConfirmedAt">When it said so last, by this hub's clock.</param>
internal sealed record KnownEdge(EdgeRecord Record, DateTimeOffset ConfirmedAt);
