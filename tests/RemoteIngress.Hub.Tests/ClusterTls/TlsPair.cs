using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using RemoteIngress.ClusterTls;

namespace RemoteIngress.Hub.Tests.ClusterTls;

/// <summary>Two connections as Orleans would have them, joined by pipes, each with its middleware.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    private readonly Connection _near;
    private readonly Connection _far;
    private readonly TaskCompletionSource<IDuplexPipe> _acceptedInside = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IDuplexPipe> _dialledInside = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TlsPair()
    {
        var (there, back) = (new Pipe(), new Pipe());
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Aborted = aborted.Task;
        _near = new Connection("near", new DuplexPipe(back.Reader, there.Writer), new DuplexPipe(there.Reader, back.Writer));
        _far = new Connection("far", new DuplexPipe(there.Reader, back.Writer), new DuplexPipe(back.Reader, there.Writer));
        _near.ConnectionClosed.Register(() => aborted.TrySetResult());
    }

    /// <summary>What the accepting side gets to see once its peer has proved itself.</summary>
    public Task<IDuplexPipe> Accepted => _acceptedInside.Task;

    /// <summary>What the dialling side gets to see.</summary>
    public Task<IDuplexPipe> Dialled => _dialledInside.Task;

    /// <summary>The raw pipe of the dialling side, for a peer that speaks no TLS.</summary>
    public IDuplexPipe Raw => _far.Transport;

    /// <summary>The accepting side gave its connection up.</summary>
    public Task Aborted { get; }

    public Task Accept(ClusterTlsMiddleware middleware, params string[] roles) =>
        RunAsync(_near, builder => middleware.Accept(builder, roles), _acceptedInside);

    public Task Dial(ClusterTlsMiddleware middleware) => RunAsync(_far, middleware.Dial, _dialledInside);

    /// <summary>Sends a text through both ends.</summary>
    public static async Task<string> PassAsync(IDuplexPipe from, IDuplexPipe to, string text, CancellationToken cancellation)
    {
        await from.Output.WriteAsync(Encoding.ASCII.GetBytes(text), cancellation);
        var read = await to.Input.ReadAtLeastAsync(text.Length, cancellation);
        var got = Encoding.ASCII.GetString(read.Buffer);
        to.Input.AdvanceTo(read.Buffer.End);
        return got;
    }

    public async ValueTask DisposeAsync()
    {
        _end.TrySetResult();
        await _near.DisposeAsync();
        await _far.DisposeAsync();
    }

    private async Task RunAsync(ConnectionContext connection, Action<IConnectionBuilder> configure, TaskCompletionSource<IDuplexPipe> inside)
    {
        var builder = new ConnectionBuilder(new NoServices());
        configure(builder);
        builder.Run(async context =>
        {
            inside.TrySetResult(context.Transport);
            await _end.Task;
        });
        await builder.Build()(connection);
    }

    /// <summary>One that is closed on the spot when it is aborted: the framework's own does so later, when it may be disposed already.</summary>
    private sealed class Connection : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();

        public Connection(string id, IDuplexPipe transport, IDuplexPipe application)
            : base(id, transport, application) => ConnectionClosed = _closed.Token;

        public override void Abort(ConnectionAbortedException abortReason) => _closed.Cancel();
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
