namespace RemoteIngress.Cli.Options;

/// <summary>What <c>--performance</c> held; null for what it did not.</summary>
internal sealed record PerformanceSettings
{
    public int? Loops { get; init; }

    public int? MaxStreams { get; init; }

    public int? HeldConnections { get; init; }
}
