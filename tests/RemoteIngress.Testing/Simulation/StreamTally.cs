using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Testing.Simulation;

/// <summary>What passed a <see cref="FrameSpy"/> for one stream.</summary>
internal sealed class StreamTally
{
    /// <summary>Bytes that DATA headers announced.</summary>
    internal long Announced { get; set; }

    /// <summary>Bytes of them that passed.</summary>
    internal long Passed { get; set; }

    /// <summary>Bytes that window updates called consumed.</summary>
    internal long Consumed { get; set; }

    /// <summary>The window of the last update.</summary>
    internal long Window { get; set; } = FrameLimits.InitialWindow;

    /// <summary>How many bytes the far end was ever allowed to send, counted from the start.</summary>
    internal long Limit { get; set; } = FrameLimits.InitialWindow;

    internal bool IsOpened { get; set; }

    internal bool IsClosed { get; set; }

    internal bool IsReset { get; set; }
}
