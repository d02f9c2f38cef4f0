using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.Testing.Load;

/// <summary>
/// What a <see cref="LoadClient"/> talks to, in clear and with TLS: counts every request by its id, since none may ever come twice, and knows
/// which hub each client came by. Answers after a moment, so that at any time some connections live on every hub.
/// </summary>
public sealed class CountingTarget : IAsyncDisposable
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(30);

    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly ConcurrentDictionary<IPEndPoint, ConcurrentBag<IPAddress>> _hubs = new();
    private readonly TargetServer _plain;
    private readonly TargetServer _tls;

    public CountingTarget(NetworkNamespace network, IPAddress address)
    {
        _plain = network.Run(() => new TargetServer((connection, stop) => ServeAsync(connection, isTls: false, stop), address: address));
        _tls = network.Run(() => new TargetServer((connection, stop) => ServeAsync(connection, isTls: true, stop), address: address));
    }

    public IPEndPoint Plain => _plain.EndPoint;

    public IPEndPoint Tls => _tls.EndPoint;

    /// <summary>Ids of requests that came more than once, with how often.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Duplicates => [.. _requests.Where(static entry => entry.Value > 1)];

    /// <summary>How often this request came.</summary>
    public int Count(string id) => _requests.GetValueOrDefault(id);

    /// <summary>The hubs by which a client's connection came here: several when it moved, none when it did not come.</summary>
    public IReadOnlyCollection<IPAddress> HubsOf(IPEndPoint? client) =>
        client is not null && _hubs.TryGetValue(client, out var hubs) ? hubs : [];

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _tls.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task ServeAsync(TargetConnection connection, bool isTls, CancellationToken stop)
    {
        _hubs.GetOrAdd(connection.Header!.Source!, static _ => []).Add(((IPEndPoint)connection.Socket.RemoteEndPoint!).Address);
        await using Stream plain = new TargetStream(connection);
        await using var stream = isTls ? await EncryptAsync(plain, stop) : plain;
        if (await ReadLineAsync(stream, stop) is not { } id)
        {
            // it moved to another hub before it had said anything
            return;
        }

        _requests.AddOrUpdate(id, 1, static (_, count) => count + 1);
        await Task.Delay(Work, stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"ok {id}\n"), stop);
        if (stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }

        connection.EndWriting();
        while (await stream.ReadAsync(new byte[64], stop) > 0)
        {
            // a close with the client's bytes unread would be a reset, and could overtake the answer
        }
    }

    private async Task<Stream> EncryptAsync(Stream plain, CancellationToken stop)
    {
        var tls = new SslStream(plain);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, stop);
        return tls;
    }

    private static async Task<string?> ReadLineAsync(Stream stream, CancellationToken stop)
    {
        var buffer = new byte[64];
        var length = 0;
        while (await stream.ReadAsync(buffer.AsMemory(length), stop) is > 0 and var read)
        {
            length += read;
            if (buffer[length - 1] == (byte)'\n')
            {
                return Encoding.ASCII.GetString(buffer, 0, length - 1);
            }
        }

        return length == 0 ? null : throw new InvalidDataException($"half a request: {Encoding.ASCII.GetString(buffer, 0, length)}");
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=target", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
