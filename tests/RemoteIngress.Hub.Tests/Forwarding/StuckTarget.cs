using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub.Tests.Forwarding;

/// <summary>A listener whose queue is full, so that a further connect stays unanswered: the kernel drops its SYN.</summary>
internal sealed class StuckTarget : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fillers = [];

    public StuckTarget()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);

        // A queue of 0 still takes one, and the one behind it gets no answer.
        var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(_listener.LocalEndPoint!);
        _fillers.Add(first);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        _fillers.ForEach(filler => filler.Dispose());
        _listener.Dispose();
    }
}
