namespace RemoteIngress.Transport.Loops;

/// <summary>Something with a descriptor that a loop watches.</summary>
internal interface IPollable
{
    /// <summary>Called on the loop's thread with the epoll flags that came (edge-triggered: each readiness is told once).</summary>
    void OnEvents(uint flags);
}
