using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>The first datagrams of a session, kept while the name of its target is looked up. Bounded; what does not fit is dropped and counted.</summary>
internal sealed class PendingDatagrams(DatagramCounts counts)
{
    private const int MaxCount = 16;
    private const int MaxBytes = 64 * 1024;

    private readonly List<byte[]> _datagrams = [];
    private int _bytes;

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (_datagrams.Count == MaxCount || _bytes + payload.Length > MaxBytes)
        {
            counts.OnDropped(DatagramDrop.Unresolved);
            return;
        }

        _bytes += payload.Length;
        _datagrams.Add(payload.ToArray());
    }

    internal void Drop() => counts.OnDropped(DatagramDrop.Unresolved, _datagrams.Count);

    internal IReadOnlyList<byte[]> All => _datagrams;
}
