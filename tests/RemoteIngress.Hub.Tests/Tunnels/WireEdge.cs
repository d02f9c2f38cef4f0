using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Protocol.Tls;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>An edge as a stranger would write it from docs/protocol.md: SslStream, and frames by hand. One task at a time.</summary>
internal sealed class WireEdge : IAsyncDisposable
{
    private readonly SslStream _tls;
    private readonly CancellationToken _cancellation;
    private readonly List<WireFrame> _held = [];
    private uint _lastStream;

    private WireEdge(SslStream tls, CancellationToken cancellation)
    {
        _tls = tls;
        _cancellation = cancellation;
    }

    /// <summary>Connects and authenticates.</summary>
    /// <exception cref="WireRejectedException">The hub said REJECT.</exception>
    public static async Task<WireEdge> ConnectAsync(int port, string edgeId, string secret, string instanceId, CancellationToken cancellation, long attempt = 0)
    {
        var edge = await OpenAsync(port, cancellation);
        try
        {
            await edge.AuthenticateAsync(edgeId, secret, instanceId, attempt: attempt);
            return edge;
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }
    }

    /// <summary>TLS alone.</summary>
    public static async Task<WireEdge> OpenAsync(
        int port, CancellationToken cancellation, int? receiveBuffer = null, Func<Stream, Stream>? wrap = null, params string[] alsoOffered)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveBufferSize = receiveBuffer ?? socket.ReceiveBufferSize;
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        Stream wire = new NetworkStream(socket, ownsSocket: true);
        var tls = new SslStream(wrap?.Invoke(wire) ?? wire, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "hub",
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [new SslApplicationProtocol("remoteingress/2"), .. alsoOffered.Select(name => new SslApplicationProtocol(name))],
        };
        await tls.AuthenticateAsClientAsync(options, cancellation);
        return new WireEdge(tls, cancellation);
    }

    public byte[] Binding()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(_tls.RemoteCertificate!.GetRawCertData());
        return TlsServerEndPoint.Binding(certificate);
    }

    public async Task AuthenticateAsync(string edgeId, string secret, string instanceId, byte[]? binding = null, long attempt = 0)
    {
        var scram = new ScramClient(edgeId, secret, binding ?? Binding(), ScramNonce.Create());
        await SendAsync(FrameType.Hello, ControlCodec.Encode(new Hello
        {
            Version = 2,
            EdgeId = edgeId,
            InstanceId = instanceId,
            Attempt = attempt,
            Software = "wire-edge",
            Scram = scram.First(),
        }));
        var challenge = Decode<Challenge>(await NextAsync(FrameType.Challenge));
        Assert.Equal(ScramStatus.Ok, scram.TryFinal(challenge.Scram, out var final));
        await SendAsync(FrameType.Auth, ControlCodec.Encode(new Auth { Scram = final }));
        var welcome = Decode<Welcome>(await NextAsync(FrameType.Welcome));
        Assert.Equal(ScramStatus.Ok, scram.VerifyServer(welcome.Scram));
        Assert.Equal("hub-1", welcome.HubId);
    }

    /// <summary>The next CONFIG.</summary>
    public async Task<EdgeSnapshot> ConfigAsync() => Decode<EdgeSnapshot>(await NextAsync(FrameType.Config));

    /// <summary>OPEN of a connection from 192.0.2.7:4711 to 203.0.113.1 and this public port.</summary>
    public async Task<uint> OpenStreamAsync(int publicPort, string? line = null)
    {
        var id = ++_lastStream;
        await SendAsync(id, FrameType.Open, Encoding.ASCII.GetBytes(line ?? $"PROXY TCP4 192.0.2.7 203.0.113.1 4711 {publicPort}\r\n"));
        return id;
    }

    public Task SendDataAsync(uint stream, string text) => SendAsync(stream, FrameType.Data, Encoding.ASCII.GetBytes(text));

    public Task SendAsync(FrameType type, byte[] payload) => SendAsync(0, type, payload);

    public async Task SendAsync(uint stream, FrameType type, byte[] payload)
    {
        var frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(stream, type, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        await SendRawAsync(frame);
    }

    public async Task SendRawAsync(byte[] bytes) => await _tls.WriteAsync(bytes, _cancellation);

    /// <summary>Bytes of the target until its end.</summary>
    public async Task<string> ReadToEndAsync(uint stream)
    {
        var text = new StringBuilder();
        while (true)
        {
            var frame = await NextAsync(f => f.Stream == stream && f.Type is FrameType.DataBack or FrameType.CloseBack);
            if (frame.Type == FrameType.CloseBack)
            {
                return text.ToString();
            }

            text.Append(Encoding.ASCII.GetString(frame.Payload));
        }
    }

    public async Task<StreamEndReason> ResetAsync(uint stream)
    {
        var frame = await NextAsync(FrameType.Reset, stream);
        return StreamEndReasons.FromWire(BinaryPrimitives.ReadUInt32BigEndian(frame.Payload));
    }

    public Task<WireFrame> NextAsync(FrameType type, uint stream = 0) => NextAsync(frame => frame.Type == type && frame.Stream == stream);

    /// <summary>The next frame that fits; the others are kept for later. REJECT is thrown unless it is what is waited for.</summary>
    public async Task<WireFrame> NextAsync(Func<WireFrame, bool> fits)
    {
        for (var i = 0; i < _held.Count; i++)
        {
            if (fits(_held[i]))
            {
                var found = _held[i];
                _held.RemoveAt(i);
                return found;
            }
        }

        while (true)
        {
            var frame = await ReadFrameAsync() ?? throw new EndOfStreamException("the hub closed the tunnel");
            if (fits(frame))
            {
                return frame;
            }

            if (frame.Type == FrameType.Reject)
            {
                throw new WireRejectedException(Decode<Reject>(frame));
            }

            _held.Add(frame);
        }
    }

    /// <summary>Every frame until the hub closes, in order, with those held back before; then this end closes too.</summary>
    public async Task<IReadOnlyList<WireFrame>> ReadToCloseAsync(Func<Task>? afterEach = null)
    {
        var frames = new List<WireFrame>(_held);
        while (await ReadFrameAsync() is { } frame)
        {
            frames.Add(frame);
            await (afterEach?.Invoke() ?? Task.CompletedTask);
        }

        await DisposeAsync();
        return frames;
    }

    /// <summary>Whether CONFIG is among what came before the answer to a PING.</summary>
    public async Task<bool> HasConfigAsync()
    {
        await SendAsync(FrameType.Ping, new byte[8]);
        await NextAsync(FrameType.Pong);
        return _held.RemoveAll(frame => frame.Type == FrameType.Config) > 0;
    }

    public static T Decode<T>(WireFrame frame)
        where T : class
    {
        Assert.True(ControlCodec.TryDecode<T>(frame.Payload, out var value, out var error), error);
        return value!;
    }

    public ValueTask DisposeAsync() => _tls.DisposeAsync();

    private async Task<WireFrame?> ReadFrameAsync()
    {
        while (true)
        {
            var head = new byte[FrameHeader.Size];
            var read = await _tls.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, _cancellation);
            if (read == 0)
            {
                return null;
            }

            Assert.Equal(head.Length, read);
            var header = FrameHeader.Read(head);
            var payload = new byte[header.Length];
            await _tls.ReadExactlyAsync(payload, _cancellation);
            if (header.Type == FrameType.Ping)
            {
                await SendAsync(FrameType.Pong, payload);
                continue;
            }

            return new WireFrame(header.StreamId, header.Type, payload);
        }
    }
}
