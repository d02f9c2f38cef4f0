using Orleans.Storage;

namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>
/// Grain state as storage has it: memory never claims what storage did not take, a Redis that came back empty or older is written again
/// instead of refusing every write, and a write that failed half-way is looked up before anything is built on it. Belongs to one activation.
/// </summary>
internal sealed class DurableState<T>(IPersistentState<T> storage)
    where T : class, IRevisioned
{
    /// <summary>The last state that storage is known to have.</summary>
    public T Current => storage.State;

    /// <summary>Whether the last write failed without telling if storage took it.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>After a write that failed: reads what storage really has. Throws when it cannot be asked.</summary>
    public async Task MakeCertainAsync()
    {
        if (IsUncertain)
        {
            await LookAsync();
        }
    }

    /// <summary>
    /// Looks whether storage still has this state, and writes it again when it has an older one or none. When it has a later one, that is
    /// <see cref="Current"/> from then on. Answers what storage had instead when that was written over, else null. Throws when storage cannot be asked.
    /// </summary>
    public async Task<T?> LookAsync()
    {
        var before = storage.State;
        try
        {
            await storage.ReadStateAsync();
        }
        catch
        {
            storage.State = before;
            throw;
        }

        if (storage.State.Revision < before.Revision)
        {
            // storage lost its data, and what this grain has is the better copy
            var stale = storage.State;
            await WriteAgainAsync(before);
            return stale;
        }

        IsUncertain = false;
        return null;
    }

    private async Task WriteAgainAsync(T state)
    {
        try
        {
            await ReplaceAsync(state);
        }
        catch
        {
            // not what was read: that is no state of this grain
            storage.State = state;
            throw;
        }
    }

    public Task ReplaceAsync(T wanted) => ChangeAsync(wanted.Revision, () =>
    {
        storage.State = wanted;
        return storage.WriteStateAsync();
    });

    /// <summary>Forgets the state; <paramref name="revision"/> is that of the removal.</summary>
    public Task RemoveAsync(long revision) => ChangeAsync(revision, storage.ClearStateAsync);

    private async Task ChangeAsync(long revision, Func<Task> write)
    {
        var before = storage.State;
        try
        {
            try
            {
                await write();
            }
            catch (InconsistentStateException)
            {
                await storage.ReadStateAsync();

                // Whoever wrote something later is right (a second activation): give way and let the caller try again.
                // Otherwise storage lost what we had, or has what it never acknowledged.
                if (storage.RecordExists && storage.State.Revision > revision)
                {
                    throw;
                }

                await write();
            }
        }
        catch
        {
            storage.State = before;
            IsUncertain = true;
            throw;
        }

        IsUncertain = false;
    }
}
