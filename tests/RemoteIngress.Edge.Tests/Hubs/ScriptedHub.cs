using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Edge.Tests.Hubs;

/// <summary>A hub in memory that does what the test says: the real handshake and multiplexer, no targets behind it.</summary>
internal sealed class ScriptedHub : IPollable, IAsyncDisposable
{
    internal const string EdgeId = "edge-1";
    internal const string Secret = "a secret of the tests";

    private readonly LoopGroup _group = new("scripted-hub", 1, TimeProvider.System);
    private readonly ScramVerifier _verifier = ScramVerifier.Create(Secret, RandomNumberGenerator.GetBytes(16), ScramVerifier.DefaultIterations);
    private readonly HubCertificate _certificate = CertificateLoader.SelfSigned(null, DateTimeOffset.UtcNow);
    private readonly Channel<ScriptedStream> _opened = Channel.CreateUnbounded<ScriptedStream>();
    private readonly Channel<ScriptedUdp> _udp = Channel.CreateUnbounded<ScriptedUdp>();
    private readonly Channel<ConfigAck> _acks = Channel.CreateUnbounded<ConfigAck>();
    private readonly Channel<EdgeStatusReport> _reports = Channel.CreateUnbounded<EdgeStatusReport>();
    private readonly Channel<ScriptedSession> _sessions = Channel.CreateUnbounded<ScriptedSession>();
    private readonly List<ScriptedSession> _live = [];
    private readonly Queue<Action> _held = new();
    private readonly ListenSocket _listener;
    private bool _isDisposed;

    private ScriptedHub(string name, int port)
    {
        Name = name;
        if (!ListenSocket.TryBind(new IPEndPoint(IPAddress.Loopback, port), shared: false, out _listener, out var error))
        {
            throw new IOException(Errno.Describe(error));
        }

        Address = new HubAddress("127.0.0.1", _listener.LocalEndPoint().Port);
        Loop.Register(_listener.Descriptor, this);
        _group.Start();
    }

    internal string Name { get; }

    internal HubAddress Address { get; }

    /// <summary>What happens to an OPEN; accepts by default.</summary>
    internal Action<ScriptedStream> OnOpen { get; set; } = stream => stream.Accept();

    internal EdgeSnapshot? Snapshot { get; set; }

    internal bool RejectsEveryone { get; set; }

    /// <summary>What WELCOME says of hubs.</summary>
    internal HubList Named { get; set; } = HubList.None;

    /// <summary>Whose handshake waits for <see cref="LetIn"/>.</summary>
    internal Func<Hello, bool> Holds { get; set; } = _ => false;

    /// <summary>Tunnels that are up and whose edge does not leave.</summary>
    internal Task<int> CountAsync() => Loop.InvokeAsync(() => _live.Count(session => !session.Tunnel.Core.IsDraining));

    internal ConcurrentQueue<ScriptedStream> Streams { get; } = new();

    internal HubIdentity Identity => new(Name, "tests", new DecoyKey(RandomNumberGenerator.GetBytes(DecoyKey.Length)));

    internal HubCertificate Certificate => _certificate;

    internal EventLoop Loop => _group.Loops[0];

    internal static ScriptedHub Start(string name = "hub-1", int port = 0) => new(name, port);

    internal ValueTask<ScriptedStream> NextStreamAsync(CancellationToken token) => _opened.Reader.ReadAsync(token);

    internal ValueTask<ScriptedUdp> NextUdpAsync(CancellationToken token) => _udp.Reader.ReadAsync(token);

    internal void OnUdp(ScriptedUdp session) => _udp.Writer.TryWrite(session);

    /// <summary>The next stream of either hub, without taking one from the other.</summary>
    internal static async Task<ScriptedStream> NextStreamOfAsync(ScriptedHub one, ScriptedHub two, CancellationToken token)
    {
        await Task.WhenAny(one._opened.Reader.WaitToReadAsync(token).AsTask(), two._opened.Reader.WaitToReadAsync(token).AsTask());
        return one._opened.Reader.TryRead(out var stream) ? stream : await two.NextStreamAsync(token);
    }

    internal ValueTask<ConfigAck> NextAckAsync(CancellationToken token) => _acks.Reader.ReadAsync(token);

    internal ValueTask<EdgeStatusReport> NextReportAsync(CancellationToken token) => _reports.Reader.ReadAsync(token);

    internal bool TryNextReport(out EdgeStatusReport? report) => _reports.Reader.TryRead(out report);

    internal ValueTask<ScriptedSession> NextSessionAsync(CancellationToken token) => _sessions.Reader.ReadAsync(token);

    /// <summary>Pushes a snapshot to every session.</summary>
    internal void Push(EdgeSnapshot snapshot)
    {
        Snapshot = snapshot;
        ForEach(session => session.SendConfig(snapshot));
    }

    /// <summary>All tunnels are gone at once; new ones are welcome.</summary>
    internal void CutTunnels() => ForEach(session => session.Tunnel.Core.Close(TunnelEndReason.ConnectionLost, "cut by the test"));

    /// <summary>Makes the edge end its tunnels, without the GOAWAY of a hub that knows of the end.</summary>
    internal void BreakProtocol() => ForEach(session => session.Tunnel.Core.Mux.SendControl(FrameType.Welcome, "{}"u8));

    internal void Drain() => ForEach(session => session.Tunnel.Core.Drain("test"));

    /// <summary>Names these hubs to every session, with the snapshot it has already.</summary>
    internal void NameHubs(long version, params HubAddress[] hubs)
    {
        Named = new HubList([.. hubs.Select(hub => hub.ToString())], version);
        Push((Snapshot ?? new EdgeSnapshot { Generation = 1 }) with { Hubs = Named.Names, HubsVersion = version });
    }

    /// <summary>Goes on with every handshake that was held.</summary>
    internal void LetIn()
    {
        Holds = _ => false;
        Loop.Post(() =>
        {
            while (_held.TryDequeue(out var held))
            {
                held();
            }
        });
    }

    internal void Answer(Hello hello, Action<EdgeLookup> answer)
    {
        if (Holds(hello))
        {
            _held.Enqueue(() => answer(LookUp(hello)));
            return;
        }

        answer(LookUp(hello));
    }

    internal EdgeLookup LookUp(Hello hello) =>
        hello.EdgeId == EdgeId && !RejectsEveryone ? EdgeLookup.Found([_verifier]) : EdgeLookup.Unknown;

    internal void OnAuthenticated(ScriptedSession session)
    {
        _live.Add(session);
        if (Snapshot is not null)
        {
            session.SendConfig(Snapshot);
        }

        _sessions.Writer.TryWrite(session);
    }

    internal void OnClosed(ScriptedSession session) => _live.Remove(session);

    internal void OnAck(ConfigAck ack) => _acks.Writer.TryWrite(ack);

    internal void OnReport(EdgeStatusReport report) => _reports.Writer.TryWrite(report);

    internal void OnStream(ScriptedStream stream)
    {
        Streams.Enqueue(stream);
        OnOpen(stream);
        _opened.Writer.TryWrite(stream);
    }

    void IPollable.OnEvents(uint flags)
    {
        while (_listener.TryAccept(out var socket, out _, out _))
        {
            var session = new ScriptedSession(this);
            session.Tunnel = Tunnel.Accept(Loop, socket, session.Setup(TunnelOptions.Default));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await Loop.InvokeAsync(() =>
        {
            _listener.Close();
            foreach (var session in _live.ToArray())
            {
                session.Tunnel.Core.Close(TunnelEndReason.Shutdown, "test");
            }

            return true;
        });
        await _group.DisposeAsync();
    }

    private void ForEach(Action<ScriptedSession> action) => Loop.Post(() =>
    {
        foreach (var session in _live.ToArray())
        {
            action(session);
        }
    });
}
