using System.Net.Security;

namespace RemoteIngress.Protocol.Tests.Tls;

/// <summary>What a real client says first.</summary>
internal static class CapturedHello
{
    public static byte[] Of(SslClientAuthenticationOptions options)
    {
        using var wire = new CapturingStream();
        using var tls = new SslStream(wire);
        Assert.ThrowsAny<Exception>(() => tls.AuthenticateAsClient(options));
        return wire.Written.ToArray();
    }

    /// <summary>Keeps what the client says and then hangs up.</summary>
    private sealed class CapturingStream : Stream
    {
        public MemoryStream Written { get; } = new();

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => 0;
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            // the alert after the hang-up is not the client's hello
            if (Written.Length == 0)
            {
                Written.Write(buffer, offset, count);
            }
        }
    }
}
