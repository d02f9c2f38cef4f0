using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Seals;

/// <summary>
/// Recognizes the parts of a list that are as they were when the fleet was last made what a list said, without asking an edge: one PBKDF2 for
/// some dozens of edges instead of one each, and no activation. What cannot be recognized is compared edge by edge, so that a missing seal
/// costs time and nothing else. Belongs to one activation of the fleet.
/// </summary>
internal sealed partial class FleetSeals(IPersistentState<SealState> storage, ILogger logger)
{
    private readonly HashSet<int> _distrusted = [];

    // a read or write failed: what storage has is not known, and must be before anything is built on it
    private bool _isUncertain;

    private int Parts => storage.State.Parts.Count;

    /// <summary>The ids of the edges that need not be asked; empty when nothing is recognized.</summary>
    public async Task<IReadOnlySet<string>> RecognizeAsync(IReadOnlyList<AllowedEdge> edges, long fleetRevision)
    {
        // A storage that lost its data has lost the edges with the seals: what memory remembers of them is worth nothing then.
        if (!await TryAsync(ReadAsync) || storage.State.FleetRevision != fleetRevision)
        {
            return ImmutableHashSet<string>.Empty;
        }

        // off the grain's turn: some hundred PBKDF2 take a moment
        var (state, distrusted) = (storage.State, _distrusted.ToHashSet());
        return await Task.Run(() => Recognize(ListParts.Cut(edges), state, distrusted));
    }

    /// <summary>The fleet has just been made what the list says. A failure is no error: the list is compared edge by edge next time.</summary>
    public async Task SealAsync(IReadOnlyList<AllowedEdge> edges, long fleetRevision)
    {
        var wanted = await Task.Run(() =>
        {
            var salt = RandomNumberGenerator.GetBytes(ListParts.SaltSize);
            return new SealState { FleetRevision = fleetRevision, Salt = salt, Parts = [.. ListParts.Cut(edges).Select(part => ListParts.Seal(part, salt))] };
        });
        if (await TryAsync(() => WriteAsync(wanted)))
        {
            _distrusted.Clear();
        }
    }

    /// <summary>One edge is about to change. Throws when that cannot be written, since the list would be taken for unchanged.</summary>
    public async Task BreakAsync(string edgeId, long fleetRevision)
    {
        if (_isUncertain)
        {
            await ReadAsync();
        }

        if (Parts > 0 && storage.State.FleetRevision == fleetRevision && storage.State.Parts[ListParts.Of(edgeId, Parts)].Length > 0)
        {
            await WriteAsync(Without(edgeId));
        }
    }

    /// <summary>One edge came or went, and with it the fleet's revision became another one; the other parts are as they were.</summary>
    public async Task MoveAsync(string edgeId, long fromRevision, long toRevision)
    {
        if (!_isUncertain && Parts > 0 && storage.State.FleetRevision == fromRevision)
        {
            await TryAsync(() => WriteAsync(Without(edgeId) with { FleetRevision = toRevision }));
        }
    }

    /// <summary>An edge is not what its seal says; its part is compared edge by edge from now on.</summary>
    public void Distrust(string edgeId)
    {
        if (Parts > 0 && _distrusted.Add(ListParts.Of(edgeId, Parts)))
        {
            LogDistrusted(edgeId);
        }
    }

    private static HashSet<string> Recognize(IReadOnlyList<AllowedEdge>[] parts, SealState state, HashSet<int> distrusted)
    {
        var recognized = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < parts.Length && state.Parts.Count == parts.Length; i++)
        {
            if (state.Parts[i].Length > 0
                && !distrusted.Contains(i)
                && CryptographicOperations.FixedTimeEquals(state.Parts[i], ListParts.Seal(parts[i], state.Salt)))
            {
                recognized.UnionWith(parts[i].Select(edge => edge.Id));
            }
        }

        return recognized;
    }

    private SealState Without(string edgeId)
    {
        var parts = storage.State.Parts.ToArray();
        parts[ListParts.Of(edgeId, parts.Length)] = [];
        return storage.State with { Parts = parts };
    }

    private async Task ReadAsync()
    {
        _isUncertain = true;
        await storage.ReadStateAsync();
        _isUncertain = false;
    }

    private async Task WriteAsync(SealState wanted)
    {
        _isUncertain = true;
        try
        {
            storage.State = wanted;
            await storage.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            // storage lost its data or has what it never acknowledged: what we know of the fleet is the later
            await storage.ReadStateAsync();
            storage.State = wanted;
            await storage.WriteStateAsync();
        }

        _isUncertain = false;
    }

    private async Task<bool> TryAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception e) when (RegistryFailures.IsUnavailable(e))
        {
            LogFailed(e.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(3207, LogLevel.Debug, "The seals of the list could not be read or written ({Reason}); every edge is compared instead", EventName = "SealsFailed")]
    private partial void LogFailed(string reason);

    [LoggerMessage(3208, LogLevel.Warning, "Edge {EdgeId} is not what the list made it; the next reconcile compares it and those beside it", EventName = "SealDistrusted")]
    private partial void LogDistrusted(string edgeId);
}
