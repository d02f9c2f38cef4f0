using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Push;
using RemoteIngress.Hub.Registry.Storage;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// One edge. Reads interleave with a write that waits for Redis, so they are answered from <see cref="_record"/>, which changes
/// only after the write succeeded.
/// </summary>
[GrainType(RegistryNames.EdgeGrainType)]
[CollectionAgeLimit(Hours = 2)]
internal sealed partial class EdgeGrain(
    [PersistentState(RegistryNames.EdgeStateName, RegistryNames.StorageProvider)] IPersistentState<EdgeState> storage,
    IEdgePush push,
    TimeProvider time) : Grain, IEdgeGrain
{
    private static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(30);

    private readonly DurableState<EdgeState> _store = new(storage);
    private readonly EdgeObservations _observations = new();
    private readonly Guid _epoch = Guid.NewGuid();
    private EdgeRecord? _record;
    private long _generation;
    private byte[]? _secretTag;

    // the secret of the last plan, by the verifier made of it: with the commit of that verifier its tag becomes ours
    private (EdgeVerifier Verifier, byte[] Tag)? _planned;

    private string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Serve(_store.Current.Edge?.ToRecord());
        return base.OnActivateAsync(cancellationToken);
    }

    public Task<EdgeRecord?> GetAsync() => Task.FromResult(_record);

    public Task<EdgeVersion> GetVersionAsync() =>
        Task.FromResult(new EdgeVersion { Registered = _record is not null, Generation = _generation, Epoch = _epoch });

    public Task<EdgeView?> GetViewAsync() => Task.FromResult(_record is null ? null : new EdgeView
    {
        Id = _record.EdgeId,
        Generation = _record.Generation,
        HasSecret = _record.Verifiers.Length > 0,
        Settings = _record.Settings,
        Observed = _observations.At(push.ActiveHubs()),
    });

    public async Task<EdgePlan> PlanAsync(AllowedEdge edge)
    {
        await MakeCertainAsync();
        return Plan(edge);
    }

    public async Task<EdgeChangeResult> CommitAsync(EdgeIntent intent)
    {
        await MakeCertainAsync();
        if (intent.Generation <= _generation)
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Unchanged, Generation = _generation };
        }

        var outcome = _record is null ? EdgeChangeOutcome.Created : EdgeChangeOutcome.Updated;
        var stored = StoredEdge.From(intent);
        await _store.ReplaceAsync(new EdgeState { Edge = stored });
        KeepTagFor(intent);
        Serve(stored.ToRecord());
        push.Changed(_record!);
        return new EdgeChangeResult { Outcome = outcome, Generation = intent.Generation };
    }

    public async Task<EdgeChangeResult> ApplyAsync(AllowedEdge edge)
    {
        var plan = await PlanAsync(edge);
        return plan.Intent is null
            ? new EdgeChangeResult { Outcome = plan.Outcome, Generation = plan.Generation, Errors = plan.Errors }
            : await CommitAsync(plan.Intent);
    }

    public async Task<EdgeChangeResult> RemoveAsync()
    {
        await MakeCertainAsync();
        if (_record is null)
        {
            await ForgetStoredAsync();
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.NotFound, Generation = _generation };
        }

        var generation = Generations.Next(_generation, time);
        await _store.RemoveAsync(generation);
        Forget(generation);
        return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Removed, Generation = generation };
    }

    public async Task<SecretRotation?> RotateSecretAsync(string secret, TimeSpan? overlap)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        await MakeCertainAsync();
        if (_record is null)
        {
            return null;
        }

        if (HasSecret(secret))
        {
            // the answer to the first call was lost
            return Rotation(secret, _record);
        }

        var kept = overlap > TimeSpan.Zero && _record.Verifiers.Length > 0 ? _record.Verifiers[0] : null;
        ImmutableArray<EdgeVerifier> verifiers = kept is null
            ? [EdgeSecrets.CreateVerifier(secret)]
            : [EdgeSecrets.CreateVerifierLike(kept, secret), kept with { NotAfter = time.GetUtcNow() + (overlap > MaxOverlap ? MaxOverlap : overlap!.Value) }];
        _planned = (verifiers[0], EdgeSecrets.Tag(secret));
        await CommitAsync(Intend(_record.Settings, verifiers));
        return Rotation(secret, _record);
    }

    public async Task<EdgeRepair> RepairAsync()
    {
        if (_record is null && _generation > 0)
        {
            return EdgeRepair.Missing;
        }

        var written = await _store.LookAsync() is not null;
        ServeStored();
        return written ? EdgeRepair.Written : _record is null ? EdgeRepair.Missing : EdgeRepair.Whole;
    }

    public Task ReportAsync(EdgePresence presence)
    {
        if (_record is not null)
        {
            _observations.Report(presence);
        }

        return Task.CompletedTask;
    }

    public Task AcknowledgeAsync(EdgeAcknowledgement acknowledgement)
    {
        if (_record is not null)
        {
            _observations.Acknowledge(acknowledgement);
        }

        return Task.CompletedTask;
    }

    private static SecretRotation Rotation(string secret, EdgeRecord record) => new()
    {
        Secret = secret,
        Generation = record.Generation,
        OldSecretValidUntil = record.Verifiers.Length > 1 ? record.Verifiers[1].NotAfter : null,
    };

    private EdgePlan Plan(AllowedEdge edge)
    {
        // the fleet has checked this already; a caller that goes past it must not store what an edge cannot take
        var errors = edge.Id == Id
            ? AllowedEdgeValidator.Validate(edge)
            : [new ValidationError("id", "is not the id of this edge")];
        if (errors.Count == 0 && _record is null && edge.Secret is null)
        {
            errors = [new ValidationError("secret", "required for a new edge; give a long random one, for example from: openssl rand -hex 32")];
        }

        if (errors.Count > 0)
        {
            return new EdgePlan { Outcome = EdgeChangeOutcome.Invalid, Errors = [.. errors], Generation = _generation };
        }

        var settings = edge.ToSettings();
        var sameSecret = _record is not null && (edge.Secret is null || HasSecret(edge.Secret));
        if (_record is not null && sameSecret && EdgeSettingsComparer.Instance.Equals(_record.Settings, settings))
        {
            return new EdgePlan { Outcome = EdgeChangeOutcome.Unchanged, Generation = _generation };
        }

        var intent = Intend(settings, sameSecret ? StillValid(_record!.Verifiers) : [EdgeSecrets.CreateVerifier(edge.Secret!)]);
        _planned = sameSecret ? null : (intent.Verifiers[0], EdgeSecrets.Tag(edge.Secret!));
        return new EdgePlan
        {
            Outcome = _record is null ? EdgeChangeOutcome.Created : EdgeChangeOutcome.Updated,
            Intent = intent,
            Generation = _generation,
        };
    }

    private EdgeIntent Intend(EdgeSettings settings, ImmutableArray<EdgeVerifier> verifiers) => new()
    {
        EdgeId = Id,
        Generation = Generations.Next(_generation, time),
        Settings = settings,
        Verifiers = verifiers,
    };

    /// <summary>
    /// After a write that failed without telling whether storage took it: serves what storage has. Without this, "unchanged" could be
    /// answered to a state that the next activation will not find.
    /// </summary>
    private async Task MakeCertainAsync()
    {
        if (!_store.IsUncertain)
        {
            return;
        }

        await _store.MakeCertainAsync();
        ServeStored();
    }

    private void ServeStored()
    {
        if (_store.Current.Edge is { } stored)
        {
            if (stored.Generation != _record?.Generation)
            {
                _secretTag = null;
                Serve(stored.ToRecord());
                push.Changed(_record!);
            }
        }
        else if (_record is not null)
        {
            Forget(Generations.Next(_generation, time));
        }
    }

    // A storage that went back to an older copy has again what was removed.
    private async Task ForgetStoredAsync()
    {
        await _store.LookAsync();
        if (_store.Current.Edge is not null)
        {
            await _store.RemoveAsync(_generation);
        }
    }

    // the generation stays as a tombstone, so that creating it again is later than this
    private void Forget(long generation)
    {
        _record = null;
        _generation = generation;
        _secretTag = null;
        _observations.Clear();
        push.Removed(Id, generation);
    }

    private void Serve(EdgeRecord? record)
    {
        _record = record;
        _generation = record?.Generation ?? _generation;
    }
}
