namespace RemoteIngress.Contracts;

/// <summary>What an edge found when it looked whether its storage still has it.</summary>
[GenerateSerializer, Alias("remoteingress.EdgeRepair")]
public enum EdgeRepair
{
    /// <summary>All is there.</summary>
    Whole = 0,

    /// <summary>The storage had lost it, or had an older one: it was written again.</summary>
    Written = 1,

    /// <summary>Neither the storage nor the grain has it.</summary>
    Missing = 2,
}
