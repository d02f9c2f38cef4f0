using System.Text;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Edge.Tests.Hubs;

/// <summary>One stream at a <see cref="ScriptedHub"/>: keeps what came and sends what the test says.</summary>
internal sealed class ScriptedStream : IStreamPeer
{
    private readonly ScriptedHub _hub;
    private readonly MuxStream _stream;
    private readonly List<byte> _received = [];
    private readonly Queue<byte> _toSend = new();
    private readonly TaskCompletionSource<byte[]> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StreamEndReason> _reset = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(int Length, TaskCompletionSource<byte[]> Waiter)> _waiters = [];
    private bool _finish;

    internal ScriptedStream(ScriptedHub hub, MuxStream stream, ReadOnlySpan<byte> payload)
    {
        _hub = hub;
        _stream = stream;
        _stream.Peer = this;
        ProxyLine = Encoding.ASCII.GetString(payload);
    }

    internal string ProxyLine { get; }

    internal ScriptedHub Hub => _hub;

    /// <summary>Everything the client sent, once it finished its direction.</summary>
    internal Task<byte[]> Ended => _ended.Task;

    /// <summary>Why the edge reset it.</summary>
    internal Task<StreamEndReason> WasReset => _reset.Task;

    /// <summary>Sends back whatever comes.</summary>
    internal bool Echo { get; set; }

    internal void Accept() => _stream.Opened();

    internal void Refuse(StreamEndReason reason) => _stream.Reset(reason);

    /// <summary>The first <paramref name="length"/> bytes of the client.</summary>
    internal Task<byte[]> ReceivedAsync(int length) => _hub.Loop.InvokeAsync(() =>
    {
        var waiter = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Add((length, waiter));
        Notify();
        return waiter.Task;
    }).Unwrap();

    internal void Post(Action<ScriptedStream> action) => _hub.Loop.Post(() => action(this));

    internal void Send(string text)
    {
        foreach (var b in Encoding.ASCII.GetBytes(text))
        {
            _toSend.Enqueue(b);
        }

        _stream.Readable();
    }

    internal void Finish()
    {
        _finish = true;
        _stream.Readable();
    }

    int IStreamPeer.Deliver(ReadOnlySpan<byte> payload)
    {
        _received.AddRange(payload);
        if (Echo)
        {
            foreach (var b in payload)
            {
                _toSend.Enqueue(b);
            }

            _stream.Readable();
        }

        Notify();
        return payload.Length;
    }

    PullResult IStreamPeer.Pull(Span<byte> buffer)
    {
        var count = 0;
        while (count < buffer.Length && _toSend.TryDequeue(out var b))
        {
            buffer[count++] = b;
        }

        return new PullResult(count, _toSend.Count > 0 ? PullState.More : _finish ? PullState.End : PullState.Empty);
    }

    void IStreamPeer.OnOpened()
    {
    }

    void IStreamPeer.OnEnd()
    {
        _ended.TrySetResult(_received.ToArray());
        if (Echo)
        {
            Finish();
        }
    }

    void IStreamPeer.OnReset(StreamEndReason reason) => _reset.TrySetResult(reason);

    private void Notify()
    {
        foreach (var (length, waiter) in _waiters.Where(waiter => _received.Count >= waiter.Length))
        {
            waiter.TrySetResult(_received.ToArray()[..length]);
        }
    }
}
