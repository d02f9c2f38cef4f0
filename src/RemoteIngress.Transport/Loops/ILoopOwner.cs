namespace RemoteIngress.Transport.Loops;

/// <summary>
/// What lives on the loops of a group, told on the thread pool. Whatever referred to a loop that died is dead with it: nothing may be reused,
/// and what it posts reaches nobody.
/// </summary>
internal interface ILoopOwner
{
    /// <summary>A loop died and its descriptors are closed: give back what was counted for it. Its memory may be read, it does not change any more.</summary>
    void OnLoopDied(int index);

    /// <summary>A new loop runs in the place of the one that died: have it do what that one did.</summary>
    void Revive(EventLoop loop);
}
