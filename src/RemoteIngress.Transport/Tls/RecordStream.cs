using System.Threading.Tasks.Sources;

namespace RemoteIngress.Transport.Tls;

/// <summary>
/// The inner stream of an SslStream that never waits on its own: a read takes what was fed or stays pending until the next
/// <see cref="Feed"/>, which completes it on the caller's stack; a write copies its records to the sink and is done. That is what keeps
/// SslStream on the loop's thread.
/// </summary>
internal sealed class RecordStream(IWireSink sink) : Stream, IValueTaskSource<int>
{
    // Continuations run inline (the default of this struct): SslStream goes on inside Feed.
    private ManualResetValueTaskSourceCore<int> _source;
    private ReadOnlyMemory<byte> _input;
    private Memory<byte> _wanted;
    private bool _isWaiting;
    private bool _isEnded;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>True when everything fed so far was taken.</summary>
    internal bool IsDrained => _input.IsEmpty;

    /// <summary>Gives ciphertext; it must stay valid until <see cref="IsDrained"/>.</summary>
    internal void Feed(ReadOnlyMemory<byte> ciphertext)
    {
        _input = ciphertext;
        Complete();
    }

    /// <summary>The peer closed its side: reads give 0 from now on.</summary>
    internal void End()
    {
        _isEnded = true;
        Complete();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_input.IsEmpty || _isEnded)
        {
            return new ValueTask<int>(Take(buffer.Span));
        }

        _wanted = buffer;
        _isWaiting = true;
        _source.Reset();
        return new ValueTask<int>(this, _source.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        sink.Append(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Write(byte[] buffer, int offset, int count) => sink.Append(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags) => _source.OnCompleted(continuation, state, token, flags);

    private void Complete()
    {
        // The continuation may ask for more and be answered from the same input: then it is not waiting any more.
        while (_isWaiting && (!_input.IsEmpty || _isEnded))
        {
            _isWaiting = false;
            var wanted = _wanted;
            _wanted = default;
            _source.SetResult(Take(wanted.Span));
        }
    }

    private int Take(Span<byte> destination)
    {
        var length = Math.Min(destination.Length, _input.Length);
        _input.Span[..length].CopyTo(destination);
        _input = _input[length..];
        return length;
    }
}
