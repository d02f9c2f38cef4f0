using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.Transport.Tls;

/// <summary>
/// TLS as a function from bytes to bytes: .NET's SslStream over a <see cref="RecordStream"/>, polled instead of awaited. Certificates,
/// ALPN and policy stay the framework's. Single-threaded.
/// </summary>
internal sealed class TlsChannel : IDisposable
{
    private const int RecordSize = 16 * 1024;

    private readonly RecordStream _records;
    private readonly SslStream _ssl;
    private readonly Task _handshake;
    private RecordGauge _gauge;
    private ValueTask<int> _read;
    private bool _isReading;
    private bool _isShutDown;
    private int _pendingOffset;

    private TlsChannel(IWireSink sink, Func<SslStream, Task> authenticate)
    {
        _records = new RecordStream(sink);
        _ssl = new SslStream(_records, leaveInnerStreamOpen: false);
        _handshake = authenticate(_ssl);
    }

    internal TlsState State { get; private set; }

    /// <summary>One line about the failure.</summary>
    internal string Error { get; private set; } = "";

    internal SslApplicationProtocol Protocol => _ssl.NegotiatedApplicationProtocol;

    /// <summary>The certificate the hub showed: the remote one on an edge, the local one on a hub.</summary>
    internal X509Certificate? RemoteCertificate => _ssl.RemoteCertificate;

    internal static TlsChannel Client(IWireSink sink, SslClientAuthenticationOptions options) =>
        new(sink, ssl => ssl.AuthenticateAsClientAsync(options));

    internal static TlsChannel Server(IWireSink sink, SslServerAuthenticationOptions options) =>
        new(sink, ssl => ssl.AuthenticateAsServerAsync(options));

    /// <summary>Gives ciphertext. It must stay valid until <see cref="Read"/> returned 0.</summary>
    internal void Feed(ReadOnlyMemory<byte> ciphertext)
    {
        if (!_gauge.TryPass(ciphertext.Span))
        {
            State = TlsState.Failed;
            Error = "a TLS record that is longer than TLS allows";
            return;
        }

        _records.Feed(ciphertext);
        CheckHandshake();
    }

    /// <summary>The connection under TLS ended.</summary>
    internal void EndOfInput()
    {
        _records.End();
        CheckHandshake();
    }

    /// <summary>
    /// Gathers plaintext into <paramref name="buffer"/> until there is no whole record left or less than a record's room. Returns the
    /// range that was written; an empty one means that more ciphertext is needed, or that <see cref="State"/> changed.
    /// </summary>
    internal Range Read(Memory<byte> buffer)
    {
        // A read that had to wait was given a place in this same buffer: the data starts there.
        var start = _isReading ? _pendingOffset : 0;
        var end = start;
        while (State == TlsState.Open && (_isReading || buffer.Length - end >= RecordSize))
        {
            if (!TryReadOnce(buffer, end, out var count))
            {
                break;
            }

            if (count == 0)
            {
                State = TlsState.Ended;
                break;
            }

            end += count;
        }

        return start..end;
    }

    /// <summary>Encrypts; the records go to the sink before this returns.</summary>
    internal void Write(ReadOnlyMemory<byte> plaintext)
    {
        var write = _ssl.WriteAsync(plaintext);
        if (!write.IsCompletedSuccessfully)
        {
            Fail(write.AsTask().Exception?.GetBaseException() ?? new InvalidOperationException("the TLS write did not complete at once"));
        }
    }

    /// <summary>Sends close_notify, once.</summary>
    internal void Close()
    {
        if (!_isShutDown && State is (TlsState.Open or TlsState.Ended))
        {
            // Completes at once, since the inner stream does; a failure changes nothing, the connection is being closed anyway.
            _isShutDown = true;
            Observe(_ssl.ShutdownAsync());
        }
    }

    public void Dispose()
    {
        // End first: a read or handshake left waiting would keep its buffers.
        _records.End();
        if (_isReading && _read.IsCompleted)
        {
            Observe(_read.AsTask());
            _isReading = false;
        }

        Observe(_handshake);
        _ssl.Dispose();
    }

    private bool TryReadOnce(Memory<byte> buffer, int offset, out int count)
    {
        count = 0;
        if (!_isReading)
        {
#pragma warning disable CA2012 // kept in order to be polled; its result is taken exactly once, below
            _read = _ssl.ReadAsync(buffer[offset..]);
#pragma warning restore CA2012
            _isReading = true;
            _pendingOffset = offset;
        }

        if (!_read.IsCompleted)
        {
            return false;
        }

        _isReading = false;
        try
        {
            count = _read.GetAwaiter().GetResult();
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever the TLS stack throws at bytes of a stranger ends this connection, never the loop.
            Fail(exception);
            return false;
        }
    }

    private void CheckHandshake()
    {
        if (State != TlsState.Handshaking || !_handshake.IsCompleted)
        {
            return;
        }

        if (_handshake.IsCompletedSuccessfully)
        {
            State = TlsState.Open;
        }
        else
        {
            Fail(_handshake.Exception?.GetBaseException() ?? new OperationCanceledException());
        }
    }

    private void Fail(Exception exception)
    {
        State = TlsState.Failed;
        Error = exception.Message.ReplaceLineEndings(" ");
    }

    private static void Observe(Task task) => _ = task.ContinueWith(
        static t => _ = t.Exception,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);
}
