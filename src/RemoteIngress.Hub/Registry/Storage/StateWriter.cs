using Orleans.Storage;

namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>
/// Writes grain state so that memory never claims what storage did not take, and so that a Redis which came back empty or older
/// is written again instead of refusing every write.
/// </summary>
internal static class StateWriter
{
    public static async Task ReplaceAsync<T>(this IPersistentState<T> storage, T wanted)
        where T : IRevisioned
    {
        var before = storage.State;
        storage.State = wanted;
        try
        {
            await storage.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            await AfterConflictAsync(storage, wanted.Revision, before, () =>
            {
                storage.State = wanted;
                return storage.WriteStateAsync();
            });
        }
        catch
        {
            storage.State = before;
            throw;
        }
    }

    public static async Task RemoveAsync<T>(this IPersistentState<T> storage, long revision)
        where T : IRevisioned
    {
        var before = storage.State;
        try
        {
            await storage.ClearStateAsync();
        }
        catch (InconsistentStateException)
        {
            await AfterConflictAsync(storage, revision, before, storage.ClearStateAsync);
        }
        catch
        {
            storage.State = before;
            throw;
        }
    }

    // Whoever wrote something later than this is right (a second activation): give way and let the caller try again.
    // Otherwise storage lost what we had.
    private static async Task AfterConflictAsync<T>(IPersistentState<T> storage, long revision, T before, Func<Task> again)
        where T : IRevisioned
    {
        try
        {
            await storage.ReadStateAsync();
            if (storage.RecordExists && storage.State.Revision > revision)
            {
                throw new InconsistentStateException("another activation has written a later state");
            }

            await again();
        }
        catch
        {
            storage.State = before;
            throw;
        }
    }
}
