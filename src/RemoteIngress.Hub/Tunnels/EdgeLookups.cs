using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Asks the registry about edges that introduce themselves, off the loops. How many questions are open is bounded by how many tunnels
/// may be unauthenticated, since each asks once.
/// </summary>
internal sealed partial class EdgeLookups(Func<IEdgeRegistry> registry, SessionDirectory directory, TimeProvider time, ILogger logger) : IDisposable
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
            LogUnavailable(entry.EdgeId, e.Message);

            // An edge with other tunnels here is known well enough (static stability).
            session.PostAnswer(entry.Model is null ? LookupAnswer.Unavailable : Newest(entry));
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

    private LookupAnswer Newest(EdgeEntry entry)
    {
        var now = time.GetUtcNow();
        return new LookupAnswer(IsUnavailable: false, entry.Model is { } model ? [.. model.Record.Verifiers.Where(v => v.IsValidAt(now))] : ImmutableArray<EdgeVerifier>.Empty);
    }

    [LoggerMessage(3032, LogLevel.Warning, "Edge {EdgeId} could not be looked up: {Error}", EventName = "LookupUnavailable")]
    private partial void LogUnavailable(string edgeId, string error);

    [LoggerMessage(3033, LogLevel.Error, "Edge {EdgeId}: the look-up failed", EventName = "LookupFailed")]
    private partial void LogFailed(string edgeId, Exception exception);
}
