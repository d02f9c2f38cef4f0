using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Testing.Transport;

/// <summary>One end of a TLS connection in memory. Fails when anything runs on another thread than the one that drives it.</summary>
internal sealed class TlsEnd : IWireSink, IDisposable
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly MemoryStream _received = new();

    internal TlsEnd(Func<IWireSink, TlsChannel> create) => Channel = create(this);

    internal TlsChannel Channel { get; }

    /// <summary>Records on their way to the other end.</summary>
    internal Wire Out { get; } = new();

    /// <summary>Plaintext that came.</summary>
    internal byte[] Received => _received.ToArray();

    internal int Hops { get; private set; }

    public void Append(ReadOnlySpan<byte> records)
    {
        Hops += Environment.CurrentManagedThreadId == _thread ? 0 : 1;
        Out.Write(records);
    }

    /// <summary>Gives ciphertext and takes all plaintext there is, as a tunnel does.</summary>
    internal void Feed(byte[] ciphertext)
    {
        Channel.Feed(ciphertext);
        Drain();
    }

    internal void EndOfInput()
    {
        Channel.EndOfInput();
        Drain();
    }

    /// <summary>Moves records both ways, in pieces of at most <paramref name="piece"/> bytes, until none is left.</summary>
    internal static void Exchange(TlsEnd a, TlsEnd b, Func<int> piece)
    {
        while (a.Out.Waiting > 0 || b.Out.Waiting > 0)
        {
            b.Feed(a.Out.Take(piece()));
            a.Feed(b.Out.Take(piece()));
        }
    }

    public void Dispose()
    {
        Channel.Dispose();
        _received.Dispose();
    }

    private void Drain()
    {
        while (true)
        {
            var (offset, length) = Channel.Read(_buffer).GetOffsetAndLength(_buffer.Length);
            _received.Write(_buffer, offset, length);
            if (length == 0 || Channel.State != TlsState.Open)
            {
                return;
            }
        }
    }
}
