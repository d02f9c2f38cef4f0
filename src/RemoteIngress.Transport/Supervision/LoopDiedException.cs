namespace RemoteIngress.Transport.Supervision;

/// <summary>An internal loop died more often than it is started again for. The cause is the inner exception.</summary>
public sealed class LoopDiedException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="loop">Which loop.</param>
    /// <param name="innerException">What it died of the last time.</param>
    public LoopDiedException(string loop, Exception innerException)
        : base($"{loop} died too often, the last time of {Supervisor.Describe(innerException)}", innerException)
    {
    }
}
