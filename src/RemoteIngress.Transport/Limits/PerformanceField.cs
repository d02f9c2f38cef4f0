namespace RemoteIngress.Transport.Limits;

/// <summary>
/// One number that <c>--performance</c> can set, and the property behind it. The property's own initial value is the default, so that there
/// is one place for it.
/// </summary>
/// <typeparam name="TOptions">The options of a hub or an edge.</typeparam>
/// <param name="Name">In camel case, as in the JSON.</param>
/// <param name="Min">The least that is allowed.</param>
/// <param name="Max">The most that is allowed.</param>
/// <param name="Get">Reads the property.</param>
/// <param name="Set">Writes it.</param>
public sealed record PerformanceField<TOptions>(string Name, int Min, int Max, Func<TOptions, int> Get, Action<TOptions, int> Set)
    where TOptions : new()
{
    private static readonly TOptions Defaults = new();

    /// <summary>What holds when nothing is said.</summary>
    public int Default => Get(Defaults);

    /// <summary>What is wrong with the value in <paramref name="options"/>, with the cure; null when nothing is.</summary>
    public string? Check(TOptions options) => Get(options) is var value && value >= Min && value <= Max
        ? null
        : $"--performance: {Name}: {value} is out of range; give {Min} to {Max}";
}
