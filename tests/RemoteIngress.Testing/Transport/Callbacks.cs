using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Testing.Transport;

/// <summary>A pollable or a turn made of a delegate.</summary>
internal sealed class Callbacks : IPollable, ITurn
{
    internal Action<uint>? Events { get; set; }

    internal Func<bool>? Turns { get; set; }

    public bool IsQueued { get; set; }

    public void OnEvents(uint flags) => Events?.Invoke(flags);

    public bool Turn() => Turns!();
}
