using System.Text;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>The servers behind the hub and the public ports that lead to them.</summary>
internal sealed class SoakTargets : IAsyncDisposable
{
    private const int BrokenAfter = 300_000;

    private readonly TargetServer _http = new(HttpAsync, expectsHeader: false);
    private readonly TargetServer _echo = new(Handlers.EchoAsync, expectsHeader: false);
    private readonly TargetServer _digest = new(Handlers.DigestAsync, expectsHeader: false);
    private readonly TargetServer _source = new(Handlers.SourceAsync, expectsHeader: false);
    private readonly TargetServer _breaking = new(BreakAsync, expectsHeader: false);

    internal SoakTargets()
    {
        (Http, Echo, Digest, Source, Breaking) = (Port(_http), Port(_echo), Port(_digest), Port(_source), Port(_breaking));
        Sometimes = Port(_echo);
    }

    /// <summary>Answers one request and closes.</summary>
    internal PortSpec Http { get; }

    internal PortSpec Echo { get; }

    /// <summary>Answers after the client's half-close.</summary>
    internal PortSpec Digest { get; }

    internal PortSpec Source { get; }

    /// <summary>Resets the connection in the middle of its answer.</summary>
    internal PortSpec Breaking { get; }

    /// <summary>Comes and goes with the configuration.</summary>
    internal PortSpec Sometimes { get; }

    internal PortSpec[] Always => [Http, Echo, Digest, Source, Breaking];

    public async ValueTask DisposeAsync()
    {
        foreach (var target in new[] { _http, _echo, _digest, _source, _breaking })
        {
            await target.DisposeAsync();
        }
    }

    private static PortSpec Port(TargetServer target) => TunnelFixture.Port(target.EndPoint, "none");

    private static async Task HttpAsync(TargetConnection connection, CancellationToken cancellation)
    {
        var request = new byte[1024];
        if (await connection.ReadAsync(request, cancellation) > 0)
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1024\r\n\r\n{new string('x', 1024)}"), cancellation);
            connection.EndWriting();
            while (await connection.ReadAsync(request, cancellation) > 0)
            {
            }
        }
    }

    private static async Task BreakAsync(TargetConnection connection, CancellationToken cancellation)
    {
        await connection.ReadAsync(new byte[16], cancellation);
        await connection.WriteAsync(new byte[BrokenAfter], cancellation);
        connection.Abort();
    }
}
