using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>A registry in memory that tells what it was told.</summary>
internal sealed class FakeRegistry : IEdgeRegistry
{
    private readonly ConcurrentDictionary<string, EdgeRecord> _records = new(StringComparer.Ordinal);
    private readonly Channel<EdgePresence> _presences = Channel.CreateUnbounded<EdgePresence>();
    private readonly Channel<EdgeAcknowledgement> _acknowledgements = Channel.CreateUnbounded<EdgeAcknowledgement>();

    /// <summary>Called before each answer.</summary>
    public Func<string, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public ChannelReader<EdgePresence> Presences => _presences.Reader;

    public ChannelReader<EdgeAcknowledgement> Acknowledgements => _acknowledgements.Reader;

    public static EdgeRecord Record(string id, string secret, long generation, EdgeSettings? settings = null, params string[] olderSecrets)
    {
        var salt = ScramVerifier.CreateSalt();
        return new EdgeRecord
        {
            EdgeId = id,
            Generation = generation,
            Verifiers = [.. new[] { secret }.Concat(olderSecrets).Select(s => Verifier(s, salt))],
            Settings = settings ?? new EdgeSettings(),
        };
    }

    public EdgeRecord Set(EdgeRecord record) => _records[record.EdgeId] = record;

    public async Task<EdgeRecord?> FindAsync(string edgeId, CancellationToken cancellationToken)
    {
        var record = _records.GetValueOrDefault(edgeId);
        await BeforeAnswer(edgeId);
        return record;
    }

    public Task ReportPresenceAsync(string edgeId, EdgePresence presence, CancellationToken cancellationToken) =>
        _presences.Writer.WriteAsync(presence, cancellationToken).AsTask();

    public Task AcknowledgeAsync(string edgeId, EdgeAcknowledgement acknowledgement, CancellationToken cancellationToken) =>
        _acknowledgements.Writer.WriteAsync(acknowledgement, cancellationToken).AsTask();

    private static EdgeVerifier Verifier(string secret, byte[] salt)
    {
        var verifier = ScramVerifier.Create(secret, salt);
        return new EdgeVerifier
        {
            Salt = [.. verifier.Salt],
            Iterations = verifier.Iterations,
            StoredKey = [.. verifier.StoredKey],
            ServerKey = [.. verifier.ServerKey],
        };
    }
}
