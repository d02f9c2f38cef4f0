namespace RemoteIngress.Transport.Loops;

/// <summary>Something that works in bounded portions at the end of a turn, after all events of that turn were noted.</summary>
internal interface ITurn
{
    /// <summary>Set by the loop while it is queued, so that it is queued once.</summary>
    bool IsQueued { get; set; }

    /// <summary>Does one portion. True: there is more to do at once (the loop goes on without waiting).</summary>
    bool Turn();
}
