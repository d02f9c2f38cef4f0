using System.Collections.Concurrent;
using Orleans.Storage;
using RemoteIngress.Hub.Registry.Storage;

namespace RemoteIngress.Hub.Tests.Registry;

/// <summary>Grain storage in memory, with etags, that counts its writes and fails on demand. Outlives activations and silos.</summary>
internal sealed class CountingStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (string ETag, BinaryData Data)> _states = new();
    private readonly JsonStateSerializer _serializer = new();
    private int _writes;
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Which grains cannot be read right now.</summary>
    public Func<GrainId, bool> FailRead { get; set; } = _ => false;

    /// <summary>Which grains cannot be written right now.</summary>
    public Func<GrainId, bool> FailWrite { get; set; } = _ => false;

    /// <summary>Which grains are written, but told that it failed.</summary>
    public Func<GrainId, bool> LoseAnswer { get; set; } = _ => false;

    /// <summary>Everything that is stored, as text.</summary>
    public string Dump() => string.Join('\n', _states.Select(pair => $"{pair.Key} {pair.Value.Data}"));

    public void Lose(string grainType, string key) =>
        Assert.True(_states.TryRemove($"{grainType}/{key}", out _), $"nothing was stored of {grainType}/{key}");

    /// <summary>All that is stored now.</summary>
    public IReadOnlyDictionary<string, (string ETag, BinaryData Data)> Copy() => new Dictionary<string, (string ETag, BinaryData Data)>(_states);

    /// <summary>Forgets what came after a copy.</summary>
    public void GoBackTo(IReadOnlyDictionary<string, (string ETag, BinaryData Data)> copy)
    {
        _states.Clear();
        foreach (var (key, state) in copy)
        {
            _states[key] = state;
        }
    }

    public bool Contains(string grainType, string key) => _states.ContainsKey($"{grainType}/{key}");

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(grainId, stateName);
        Interlocked.Increment(ref _reads);
        if (FailRead(grainId))
        {
            throw new OrleansException("the storage was told to fail");
        }

        if (_states.TryGetValue(key, out var stored))
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (_serializer.Deserialize<T>(stored.Data), stored.ETag, true);
        }
        else
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(grainId, stateName, grainState.ETag);
        var etag = Guid.NewGuid().ToString();
        _states[Key(grainId, stateName)] = (etag, _serializer.Serialize(grainState.State));
        CheckAnswer(grainId);
        (grainState.ETag, grainState.RecordExists) = (etag, true);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(grainId, stateName, grainState.ETag);
        _states.TryRemove(Key(grainId, stateName), out _);
        CheckAnswer(grainId);
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        return Task.CompletedTask;
    }

    private void CheckAnswer(GrainId grainId)
    {
        if (LoseAnswer(grainId))
        {
            throw new OrleansException("the storage was told to lose its answer");
        }
    }

    private void Check(GrainId grainId, string stateName, string? etag)
    {
        Interlocked.Increment(ref _writes);
        if (FailWrite(grainId))
        {
            throw new OrleansException("the storage was told to fail");
        }

        var stored = _states.TryGetValue(Key(grainId, stateName), out var state) ? state.ETag : null;
        if (stored != etag)
        {
            throw new InconsistentStateException("etag", stored ?? "none", etag ?? "none");
        }
    }

    // most grains have one state, which bears their name
    private static string Key(GrainId grainId, string stateName) => grainId.Type.ToString() == stateName ? grainId.ToString() : $"{grainId}/{stateName}";
}
