namespace RemoteIngress.Contracts;

/// <summary>What became of a request for a connection token.</summary>
[GenerateSerializer, Alias("remoteingress.EdgeTokenOutcome")]
public enum EdgeTokenOutcome
{
    /// <summary>Here it is.</summary>
    Issued = 0,

    /// <summary>There is no such edge.</summary>
    NotFound = 1,

    /// <summary>The secret is not the edge's newest one.</summary>
    WrongSecret = 2,

    /// <summary>Something asked for cannot be; the errors say what, and what would be right.</summary>
    Invalid = 3,
}
