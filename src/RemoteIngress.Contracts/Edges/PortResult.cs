namespace RemoteIngress.Contracts;

/// <summary>Whether an edge could bind one of its ports.</summary>
/// <param name="Port">The public port.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="Bound">Whether it listens.</param>
/// <param name="Error">Why not, in words for people; <see langword="null"/> when it does.</param>
[GenerateSerializer, Immutable, Alias("remoteingress.PortResult")]
public sealed record PortResult(
    [property: Id(0)] int Port,
    [property: Id(1)] string Protocol,
    [property: Id(2)] bool Bound,
    [property: Id(3)] string? Error = null);
