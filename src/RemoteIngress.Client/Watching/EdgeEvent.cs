using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>Something that <see cref="IRemoteIngressClient.WatchAsync"/> saw.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="EdgeId">To which edge.</param>
/// <param name="Edge">The edge as it is now; as it was last when it was removed.</param>
public sealed record EdgeEvent(EdgeEventKind Kind, string EdgeId, EdgeView Edge);
