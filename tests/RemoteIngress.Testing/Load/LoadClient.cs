using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing.Load;

/// <summary>
/// Clients that come at a steady pace, whether earlier ones were served or not (an open loop, as the internet is), spread over ports in turn.
/// Each connects, says one line with an id of its own, and wants <c>ok ID</c> and an orderly end. Nothing is tried twice.
/// </summary>
public sealed class LoadClient : IAsyncDisposable
{
    // Longer than anything that may be waited for: a tunnel that is silent is given up after 15 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private readonly NetworkNamespace _network;
    private readonly IReadOnlyList<LoadPort> _ports;
    private readonly int _perSecond;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<LoadResult> _results = [];
    private readonly ConcurrentBag<Task> _running = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..6];
    private readonly Task _launching;
    private bool _isStopped;

    private LoadClient(NetworkNamespace network, IReadOnlyList<LoadPort> ports, int perSecond)
    {
        _network = network;
        _ports = ports;
        _perSecond = perSecond;

        // A thread of its own in the other network: the sockets that it makes are there, whoever goes on with them.
        _launching = Task.Factory.StartNew(
            () => _network.Run(Launch), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Time since the load began, as results have it.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>Connections that have ended so far.</summary>
    public int Count => _results.Count;

    /// <param name="network">Where the clients are.</param>
    /// <param name="ports">Where they go, in turn.</param>
    /// <param name="perSecond">New connections a second, over all ports.</param>
    public static LoadClient Start(NetworkNamespace network, IReadOnlyList<LoadPort> ports, int perSecond) => new(network, ports, perSecond);

    /// <summary>Waits until the load has gone on for so long.</summary>
    public Task GoOnAsync(TimeSpan duration, CancellationToken cancellation) => GoOnUntilAsync(Now + duration, cancellation);

    /// <summary>Waits until it is so late.</summary>
    public async Task GoOnUntilAsync(TimeSpan time, CancellationToken cancellation)
    {
        if (time > Now)
        {
            await Task.Delay(time - Now, cancellation);
        }
    }

    /// <summary>No new connections; waits for those that are open, and returns all.</summary>
    public async Task<LoadReport> StopAsync()
    {
        await EndAsync();
        return new LoadReport([.. _results.OrderBy(static result => result.Started)], Now);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task EndAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _stop.CancelAsync();
            await _launching;
            await Task.WhenAll(_running);
        }
    }

    private bool Launch()
    {
        for (var number = 0L; !_stop.IsCancellationRequested; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / _perSecond);
            if (due > Now && _stop.Token.WaitHandle.WaitOne(due - Now))
            {
                break;
            }

            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var port = _ports[(int)(number % _ports.Count)];
            var id = string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{number}");
            _running.Add(Task.Run(() => RunAsync(id, port, socket)));
        }

        return true;
    }

    private async Task RunAsync(string id, LoadPort port, Socket socket)
    {
        var started = Now;
        var step = "connect";
        IPEndPoint? client = null;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(port.EndPoint, patience.Token);
            client = (IPEndPoint?)socket.LocalEndPoint;
            step = "handshake";
            await using var stream = await OpenAsync(socket, port.Kind, patience.Token);
            step = "request";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(id + "\n"), patience.Token);
            step = "answer";
            var answer = await ReadToEndAsync(stream, patience.Token);
            Add(answer == $"ok {id}\n" ? null : answer.Length == 0 ? "nothing at answer" : $"'{answer}' at answer");
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            Add($"{Name(exception)} at {step}");
        }
        finally
        {
            socket.Dispose();
        }

        void Add(string? failure) => _results.Add(new LoadResult(id, port, client, started, Now - started, failure));
    }

    private static async Task<Stream> OpenAsync(Socket socket, LoadKind kind, CancellationToken cancellation)
    {
        var stream = new NetworkStream(socket, ownsSocket: false);
        if (kind != LoadKind.Tls)
        {
            return stream;
        }

        // each a session of its own: what is resumed is not what is tested
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "target", AllowTlsResume = false, RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
            cancellation);
        return tls;
    }

    private static async Task<string> ReadToEndAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[128];
        var length = 0;
        while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), cancellation) is > 0 and var read)
        {
            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static string Name(Exception exception) => exception switch
    {
        SocketException socket => socket.SocketErrorCode.ToString(),
        { InnerException: SocketException socket } => socket.SocketErrorCode.ToString(),
        OperationCanceledException => "TimedOut",
        _ => exception.Message,
    };
}
