using System.Globalization;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>What <c>GET /metrics</c> said, as an operator's monitoring reads it.</summary>
public sealed class MetricsPage(string text)
{
    private readonly string[] _lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The sum of a metric over all of its labels; only samples whose labels contain <paramref name="label"/> when it is given.</summary>
    public long Sum(string name, string? label = null) =>
        (long)Samples(name).Where(line => label is null || line.Contains(label, StringComparison.Ordinal)).Sum(Value);

    /// <summary>How many sets of labels a metric has.</summary>
    public int Count(string name) => Samples(name).Count();

    public bool Has(string name) => Samples(name).Any();

    private IEnumerable<string> Samples(string name) =>
        _lines.Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ');

    // name{labels} value [timestamp]
    private static double Value(string line)
    {
        var fields = line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return double.Parse(fields[line.Contains('}') ? 0 : 1], CultureInfo.InvariantCulture);
    }
}
