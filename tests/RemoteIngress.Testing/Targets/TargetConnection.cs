using System.Net.Sockets;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Testing.Targets;

/// <summary>One accepted connection of a <see cref="TargetServer"/>, without its PROXY header.</summary>
public sealed class TargetConnection(Socket socket, ProxyHeader? header, ReadOnlyMemory<byte> early) : IDisposable
{
    private ReadOnlyMemory<byte> _early = early;

    public ProxyHeader? Header => header;

    public Socket Socket => socket;

    /// <summary>The next bytes of the client; 0 when it will send no more.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_early.IsEmpty)
        {
            return await socket.ReceiveAsync(buffer, cancellation);
        }

        var length = Math.Min(buffer.Length, _early.Length);
        _early[..length].CopyTo(buffer);
        _early = _early[length..];
        return length;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
        }
    }

    /// <summary>Ends this direction and leaves the other open.</summary>
    public void EndWriting() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset instead of an orderly end.</summary>
    public void Abort()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
