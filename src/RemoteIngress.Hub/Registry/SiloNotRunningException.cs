namespace RemoteIngress.Hub.Registry;

/// <summary>There is no silo in this process right now. Counts as "cannot be asked", and trying again at once is no use.</summary>
internal sealed class SiloNotRunningException : OrleansException;
