using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>How much this process may hold of what tunnels delivered and clients and targets have not taken yet.</summary>
internal sealed record BufferLimits
{
    private const long Mebibyte = 1024 * 1024;

    internal static readonly BufferLimits Default = new();

    /// <summary>Bytes held for one tunnel at most; the peer is told and sends accordingly. 1 MiB to 4 GiB, default 200 MiB.</summary>
    internal long TunnelBytes { get; init; } = FrameLimits.DefaultBuffer;

    /// <summary>Bytes held by the whole process at most, in equal parts by its loops. 0, the default, is a quarter of the memory there is.</summary>
    internal long ProcessBytes { get; init; }

    /// <summary>A stream that took nothing for so long may be reset when memory becomes short. Default 10 s.</summary>
    internal TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the last bytes of a stream that has ended are kept for a socket that takes none of them. Default 60 s.</summary>
    internal TimeSpan LastBytesTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>As options give them.</summary>
    internal static BufferLimits FromMebibytes(int tunnel, int process) => new() { TunnelBytes = tunnel * Mebibyte, ProcessBytes = process * Mebibyte };

    /// <summary>The part of one loop: never less than one tunnel may fill, since the tunnel's peer was promised that.</summary>
    internal long LoopBytes(int loops)
    {
        var all = ProcessBytes > 0 ? ProcessBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        return Math.Max(TunnelBytes, all / loops);
    }
}
