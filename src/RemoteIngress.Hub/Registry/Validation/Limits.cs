namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>How much one list may hold: every one of these ends up in a snapshot that an edge must be able to take.</summary>
internal static class Limits
{
    public const int Edges = 100_000;
    public const int PortsOfEdge = 4096;
    public const int BlockedIps = 50_000;
    public const int RateLimits = 256;
    public const int Rules = 1024;
    public const int SecretBytes = 1024;
    public const int RuleIdLength = 64;
    public const int CommentLength = 256;
    public const int MinStunIntervalSecs = 10;
    public const int MaxStunIntervalSecs = 86_400;
    public const int MaxRate = 1_000_000_000;
    public const int MaxBurst = 10_000_000;
}
