namespace RemoteIngress.Transport.Loops;

/// <summary>What a loop is for. A thread that bulk keeps busy answers late, whatever it sends first; one that has only datagrams is asleep when one comes.</summary>
internal enum LoopDuty
{
    /// <summary>Everything: there are no loops for datagrams alone.</summary>
    All,

    /// <summary>TCP.</summary>
    Streams,

    /// <summary>UDP.</summary>
    Datagrams,
}
