namespace RemoteIngress.Edge;

/// <summary>An edge cannot start, for reasons that its operator can cure. Every line of <see cref="Errors"/> names an option and the cure.</summary>
public sealed class EdgeStartException : Exception
{
    /// <summary>Creates it with everything that is wrong.</summary>
    public EdgeStartException(IReadOnlyList<string> errors, Exception? innerException = null)
        : base(string.Join(Environment.NewLine, errors), innerException)
    {
        Errors = errors;
    }

    /// <summary>Creates it with one thing that is wrong.</summary>
    public EdgeStartException(string error, Exception? innerException = null)
        : this([error], innerException)
    {
    }

    /// <summary>Creates it without a reason.</summary>
    public EdgeStartException()
        : this("the edge cannot start")
    {
    }

    /// <summary>One line for each thing that is wrong.</summary>
    public IReadOnlyList<string> Errors { get; }
}
