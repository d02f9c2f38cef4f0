namespace RemoteIngress.Hub.Registry;

/// <summary>How generations rise.</summary>
internal static class Generations
{
    /// <summary>Later than the previous one even when the clock went back, and than any before when the previous one was lost.</summary>
    public static long Next(long previous, TimeProvider time) =>
        Math.Max(previous + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
}
