namespace RemoteIngress.Testing.Processes;

/// <summary>Linux' signal numbers.</summary>
public enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
