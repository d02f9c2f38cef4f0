namespace RemoteIngress.Transport.Loops;

/// <summary>One deadline on a loop; belongs to one owner and is re-armed rather than re-created.</summary>
internal sealed class LoopTimer(Action callback)
{
    /// <summary>Microseconds on the loop's clock.</summary>
    internal long Deadline { get; set; }

    /// <summary>Place in the heap, -1 when it is not armed.</summary>
    internal int Index { get; set; } = -1;

    internal bool IsArmed => Index >= 0;

    internal void Fire() => callback();
}
