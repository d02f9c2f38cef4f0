using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Loops;

/// <summary>What one loop has for UDP: counts, and scratch memory that a loop without any UDP never asks for.</summary>
/// <param name="loop">Whose they are.</param>
/// <param name="counts">Of the loop in whose place this one stands; null for the first.</param>
internal sealed class LoopDatagrams(EventLoop loop, DatagramCounts? counts) : IDisposable
{
    private DatagramReceiver? _receiver;
    private DatagramSender? _sender;

    /// <summary>Any thread may read it.</summary>
    internal DatagramCounts Counts { get; } = counts ?? new DatagramCounts();

    internal DatagramReceiver Receiver => _receiver ??= new DatagramReceiver();

    internal DatagramSender Sender => _sender ??= new DatagramSender(loop, Counts);

    public void Dispose()
    {
        _receiver?.Dispose();
        _sender?.Dispose();
    }
}
