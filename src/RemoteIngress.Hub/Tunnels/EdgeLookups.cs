using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.LastKnown;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Asks the registry about edges that introduce themselves, off the loops. How many questions are open is bounded by how many tunnels
/// may be unauthenticated, since each asks once. While the registry cannot be asked, what it said last is obeyed (static stability); "no such edge"
/// is an answer.
/// </summary>
internal sealed partial class EdgeLookups(
    Func<IEdgeRegistry> registry, SessionDirectory directory, LastKnownEdges known, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Asks about the session's edge; the answer is posted to its loop. Returns at once.</summary>
    internal void Ask(EdgeSession session) => _ = Task.Run(() => AskAsync(session));

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task AskAsync(EdgeSession session)
    {
        var entry = session.Edge!;
        try
        {
            if (await registry().FindAsync(entry.EdgeId, _stopping.Token) is not { } record)
            {
                session.PostAnswer(new LookupAnswer(IsUnavailable: false, []));
                return;
            }

            // What was pushed in the meantime may be newer than the answer: the directory keeps the newest.
            directory.Changed(record);
            session.PostAnswer(Newest(entry));
        }
        catch (RegistryUnavailableException e)
        {
            session.PostAnswer(FromMemory(entry, e.Message));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && _stopping.IsCancellationRequested)
        {
            session.PostAnswer(LookupAnswer.Unavailable);
        }
        catch (Exception e)
        {
            LogFailed(entry.EdgeId, e);
            session.PostAnswer(LookupAnswer.Unavailable);
        }
    }

    private LookupAnswer FromMemory(EdgeEntry entry, string error)
    {
        // Never older than what is in force: an edge with other tunnels here keeps what these have.
        if (known.Find(entry.EdgeId) is { } record)
        {
            directory.Changed(record);
        }

        if (entry.Generation == 0)
        {
            LogUnavailable(entry.EdgeId, error);
            return LookupAnswer.Unavailable;
        }

        LogServedFromMemory(entry.EdgeId, error);
        return Newest(entry);
    }

    private LookupAnswer Newest(EdgeEntry entry)
    {
        var now = time.GetUtcNow();
        return new LookupAnswer(IsUnavailable: false, entry.Model is { } model ? [.. model.Record.Verifiers.Where(v => v.IsValidAt(now))] : ImmutableArray<EdgeVerifier>.Empty);
    }

    [LoggerMessage(3032, LogLevel.Warning, "Edge {EdgeId} could not be looked up: {Error}", EventName = "LookupUnavailable")]
    private partial void LogUnavailable(string edgeId, string error);

    [LoggerMessage(3034, LogLevel.Warning, "Edge {EdgeId} is served by what was known of it last: {Error}", EventName = "ServedFromMemory")]
    private partial void LogServedFromMemory(string edgeId, string error);

    [LoggerMessage(3033, LogLevel.Error, "Edge {EdgeId}: the look-up failed", EventName = "LookupFailed")]
    private partial void LogFailed(string edgeId, Exception exception);
}
