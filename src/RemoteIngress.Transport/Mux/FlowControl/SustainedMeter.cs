namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// Tells a sustained stream (over 10 s at over 20 Mbit/s, DESIGN section 2) from one that is merely busy for a moment. Judged at the end of
/// every 10 s, so that a stream which calms down becomes normal again.
/// </summary>
internal sealed class SustainedMeter
{
    private const long Period = 10_000_000;
    private const long BytesPerPeriod = 20_000_000 / 8 * 10;

    private long _start = -1;
    private long _bytes;

    internal bool IsSustained { get; private set; }

    internal void Add(int bytes, long now)
    {
        if (_start < 0)
        {
            _start = now;
        }

        if (now - _start >= Period)
        {
            // A stream that paused for longer than the period is judged by its true rate, not by one lucky burst.
            IsSustained = _bytes * Period / (now - _start) > BytesPerPeriod;
            _start = now;
            _bytes = 0;
        }

        _bytes += bytes;
    }
}
