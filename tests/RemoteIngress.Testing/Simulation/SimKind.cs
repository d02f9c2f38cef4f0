namespace RemoteIngress.Testing.Simulation;

/// <summary>What kind of edge dials, and what the hub's registry does about it.</summary>
internal enum SimKind
{
    Honest,

    /// <summary>The registry takes its time, but less than the handshake may.</summary>
    LateRegistry,

    /// <summary>The registry never answers.</summary>
    MuteRegistry,

    RegistryDown,

    WrongSecret,

    UnknownEdge,

    /// <summary>Not an edge at all: sends what it likes.</summary>
    Hostile,
}
