namespace RemoteIngress.Testing.Simulation;

/// <summary>What passed a <see cref="FrameSpy"/> for one stream.</summary>
internal sealed class StreamTally
{
    /// <summary>Bytes that DATA headers announced.</summary>
    internal long Announced { get; set; }

    /// <summary>Bytes of them that passed.</summary>
    internal long Passed { get; set; }

    /// <summary>Credit in window updates.</summary>
    internal long Credit { get; set; }

    internal bool IsOpened { get; set; }

    internal bool IsClosed { get; set; }

    internal bool IsReset { get; set; }
}
