namespace RemoteIngress.Protocol.EndReasons;

/// <summary>How loudly the end of a tunnel deserves to be told.</summary>
public enum EndSeverity
{
    /// <summary>Expected: worth a debug line.</summary>
    Quiet,

    /// <summary>Expected, and of interest to an operator.</summary>
    Notice,

    /// <summary>Not expected; mends itself by reconnecting.</summary>
    Warning,

    /// <summary>Needs somebody: wrong configuration, an attack or a defect.</summary>
    Error,
}
