namespace RemoteIngress.Protocol.Control;

/// <summary>What became of one listen port.</summary>
public sealed record PortResult
{
    /// <summary>The public port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Whether the edge listens on it.</summary>
    public required bool Ok { get; init; }

    /// <summary>Why not, for a person: one line.</summary>
    public string? Error { get; init; }
}
