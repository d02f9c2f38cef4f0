using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Testing.Transport;

/// <summary>What a loop must not have any more: watched descriptors (and with them their handlers), armed timers, streams, bytes and rented memory.</summary>
internal static class LoopLeaks
{
    /// <summary>Whether only <paramref name="descriptors"/> are left; on the loop's thread, or after its end.</summary>
    internal static bool HasOnly(this EventLoop loop, int descriptors) =>
        loop.Registered == descriptors && loop.ArmedTimers == 0 && loop.Holdings.IsEmpty
        && loop.Usage is { Streams: 0, BufferedBytes: 0, RentedBytes: 0 };

    /// <summary>For loops that were stopped: their owners closed everything before.</summary>
    internal static void ThrowIfAnythingIsLeft(IEnumerable<EventLoop> loops)
    {
        var leaks = loops.Where(static loop => !loop.HasOnly(descriptors: 0)).Select(Describe).ToArray();
        if (leaks.Length > 0)
        {
            throw new InvalidOperationException($"left after the end: {string.Join("; ", leaks)}");
        }
    }

    internal static string Describe(EventLoop loop) =>
        $"loop {loop.Index} has {loop.Registered} descriptors, {loop.ArmedTimers} timers, {loop.Usage.Streams} streams, {loop.Holdings.Held} bytes held, "
        + $"{loop.Usage.BufferedBytes} bytes buffered, {loop.Usage.RentedBytes} rented";
}
