namespace RemoteIngress.Hub;

/// <summary>The registry as one hub sees it.</summary>
/// <param name="Mode"><c>memory</c> or <c>redis</c>.</param>
/// <param name="Healthy">Whether the last call to it was answered.</param>
public sealed record RegistryStatus(string Mode, bool Healthy);
