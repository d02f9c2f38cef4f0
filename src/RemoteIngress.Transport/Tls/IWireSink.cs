namespace RemoteIngress.Transport.Tls;

/// <summary>Takes the records that TLS produces, in order.</summary>
internal interface IWireSink
{
    void Append(ReadOnlySpan<byte> records);
}
