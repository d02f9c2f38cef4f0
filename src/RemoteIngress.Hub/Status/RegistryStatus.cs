using System.Text.Json.Serialization;

namespace RemoteIngress.Hub;

/// <summary>The registry as one hub sees it.</summary>
/// <param name="Mode"><c>memory</c> or <c>redis</c>.</param>
/// <param name="Healthy">Whether it can be asked and changed right now.</param>
/// <param name="Problem">Why not; <see langword="null"/> when all is well, and while nothing is known but that it did not answer.</param>
public sealed record RegistryStatus(string Mode, bool Healthy, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem = null);
