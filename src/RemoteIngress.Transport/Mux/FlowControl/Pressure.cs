namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>Bytes held against a bound. Pressure begins at seven eighths of it and ends below three quarters.</summary>
internal struct Pressure(long bound)
{
    private long _held;
    private bool _isHigh;

    internal readonly long Bound => bound;

    /// <summary>Bytes; may be read by any thread.</summary>
    internal long Held
    {
        readonly get => Volatile.Read(in _held);
        private set => Volatile.Write(ref _held, value);
    }

    internal readonly bool HasRoomFor(int count) => _held + count <= bound;

    internal void Add(int count) => Held = _held + count;

    internal bool IsHigh() => _isHigh = _held >= (_isHigh ? bound / 4 * 3 : bound / 8 * 7);
}
