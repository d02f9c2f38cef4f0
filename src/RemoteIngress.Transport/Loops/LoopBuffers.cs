namespace RemoteIngress.Transport.Loops;

/// <summary>
/// The scratch memory of one loop, lent to whichever tunnel has its turn. An idle tunnel therefore owns no buffer at all. Pinned, so that
/// handing a part of it to the kernel costs nothing.
/// </summary>
internal sealed class LoopBuffers
{
    /// <summary>Plaintext of one outgoing turn, in bytes. Larger turns gain no throughput and cost latency (reference: data path, sweep I).</summary>
    internal const int BatchSize = 256 * 1024;

    /// <summary>Ciphertext taken from a tunnel's socket in one turn, in bytes.</summary>
    internal const int ReceiveSize = 256 * 1024;

    /// <summary>Room for the records of one batch: 22 bytes on each 16 KiB, and alerts or key updates beside them.</summary>
    internal const int WireSize = BatchSize + (BatchSize / 8) + (32 * 1024);

    internal byte[] Batch { get; } = Pinned(BatchSize);

    internal byte[] Receive { get; } = Pinned(ReceiveSize);

    internal byte[] Plain { get; } = Pinned(ReceiveSize);

    internal byte[] Wire { get; } = Pinned(WireSize);

    private static byte[] Pinned(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);
}
