namespace RemoteIngress.Contracts;

/// <summary>
/// The registry cannot be asked: no silo answers, or its storage does not. Not the same as "not registered", which is an answer.
/// Thrown by the facades, never across grains.
/// </summary>
public sealed class RegistryUnavailableException : Exception
{
    /// <summary>Creates it with the default message.</summary>
    public RegistryUnavailableException()
        : this("the registry cannot be reached")
    {
    }

    /// <summary>Creates it with a message for people.</summary>
    public RegistryUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with a message for people and what lies behind it.</summary>
    public RegistryUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
