namespace RemoteIngress.Transport.Mux;

/// <summary>What one <see cref="IStreamPeer.Pull"/> gave.</summary>
/// <param name="Count">Bytes written, which come before what <paramref name="State"/> tells.</param>
/// <param name="State">Whether there may be more.</param>
internal readonly record struct PullResult(int Count, PullState State);
