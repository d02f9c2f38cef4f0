namespace RemoteIngress.Edge.Tunnels;

/// <summary>
/// When to dial again: exponential with full jitter, for ever. While an outage is young the delay stays short, so that a hub that was
/// restarted has its edges back within 2 s; a hub that stays away is asked every 30 s at most. Refused credentials go to 30 s at once.
/// </summary>
internal sealed class ReconnectBackoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan ShortCap = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LongCap = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan YoungOutage = TimeSpan.FromMinutes(1);

    private int _attempts;
    private long _outageStart = -1;

    /// <summary>Failed attempts since the last success.</summary>
    internal int Attempts => _attempts;

    internal void Reset()
    {
        _attempts = 0;
        _outageStart = -1;
    }

    /// <summary>The delay before the next attempt. <paramref name="now"/> is in microseconds on the loop's clock.</summary>
    internal TimeSpan Next(long now, bool isRefused, TimeSpan retryAfter)
    {
        if (_outageStart < 0)
        {
            _outageStart = now;
        }

        if (isRefused)
        {
            // Half of it is jitter: enough to spread a fleet, and never a quick guess of a secret.
            return Max((LongCap / 2) + (LongCap / 2 * random.NextDouble()), Spread(retryAfter));
        }

        var cap = now - _outageStart < (long)YoungOutage.TotalMicroseconds ? ShortCap : LongCap;
        var ceiling = First * Math.Pow(2, Math.Min(_attempts, 16));
        _attempts++;
        return Max((ceiling < cap ? ceiling : cap) * random.NextDouble(), Spread(retryAfter));
    }

    // A hub that has no room tells all its edges the same time: some jitter on top, or they all come back at once.
    private TimeSpan Spread(TimeSpan retryAfter) => retryAfter * (1 + (random.NextDouble() / 4));

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
