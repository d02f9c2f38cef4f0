namespace RemoteIngress.Contracts;

/// <summary>What became of a change to one edge.</summary>
[GenerateSerializer, Alias("remoteingress.EdgeChangeOutcome")]
public enum EdgeChangeOutcome
{
    /// <summary>Nothing was different: nothing was written, nothing pushed.</summary>
    Unchanged = 0,

    /// <summary>The edge was not there before.</summary>
    Created = 1,

    /// <summary>Settings or secret changed.</summary>
    Updated = 2,

    /// <summary>The edge is gone.</summary>
    Removed = 3,

    /// <summary>There is no such edge.</summary>
    NotFound = 4,

    /// <summary>Refused; the errors say why, and nothing changed.</summary>
    Invalid = 5,
}
