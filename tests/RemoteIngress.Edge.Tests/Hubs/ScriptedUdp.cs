using System.Net;
using System.Text;
using System.Threading.Channels;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Edge.Tests.Hubs;

/// <summary>One UDP session at a <see cref="ScriptedHub"/>: sends back what comes, with the hub's name before it.</summary>
internal sealed class ScriptedUdp : IDatagramPeer
{
    private readonly ScriptedHub _hub;
    private readonly MuxSession _session;
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ScriptedUdp(ScriptedHub hub, MuxSession session, ReadOnlySpan<byte> header)
    {
        _hub = hub;
        _session = session;
        session.Peer = this;
        Assert.Equal(ProxyReadStatus.Ok, ProxyV2.TryRead(header, out var read, out var consumed));
        Assert.Equal((header.Length, ProxyTransport.Datagram), (consumed, read!.Transport));
        Client = read.Source!;
    }

    internal IPEndPoint Client { get; }

    /// <summary>The edge closed it, or its tunnel is gone.</summary>
    internal Task Closed => _closed.Task;

    internal ValueTask<string> NextAsync(CancellationToken token) => _received.Reader.ReadAsync(token);

    internal void Send(string text) => _hub.Loop.Post(() => _session.Send(Encoding.ASCII.GetBytes(text)));

    internal void Close() => _hub.Loop.Post(_session.Close);

    public void OnDatagram(MuxSession session, ReadOnlySpan<byte> payload)
    {
        var text = Encoding.ASCII.GetString(payload);
        _received.Writer.TryWrite(text);
        session.Send(Encoding.ASCII.GetBytes($"{_hub.Name}:{text}"));
    }

    public void OnClosed(MuxSession session, bool isTunnelLost) => _closed.TrySetResult();
}
