using System.Globalization;
using System.Text;

namespace RemoteIngress.Testing.Load;

/// <summary>What became of all connections of a <see cref="LoadClient"/>.</summary>
public sealed record LoadReport(IReadOnlyList<LoadResult> Results, TimeSpan Duration)
{
    public IReadOnlyList<LoadResult> Failures => [.. Results.Where(static result => result.Failure is not null)];

    public IReadOnlyList<LoadResult> Of(params LoadKind[] kinds) => [.. Results.Where(result => kinds.Contains(result.Kind))];

    /// <summary>The longest that one of these took, begun within a time.</summary>
    public TimeSpan Longest(LoadKind[] kinds, TimeSpan from, TimeSpan to) =>
        Of(kinds).Where(result => result.Started >= from && result.Started < to).Select(static result => result.Elapsed).DefaultIfEmpty().Max();

    /// <summary>For people: how many, how long they took, and how they failed.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Results.Count} connections in {Duration.TotalSeconds:0.0} s");
        foreach (var kind in Results.GroupBy(static result => result.Kind).OrderBy(static group => group.Key))
        {
            double[] times = [.. kind.Where(static result => result.Failure is null).Select(static result => result.Elapsed.TotalMilliseconds).Order()];
            text.Append(CultureInfo.InvariantCulture, $"; {kind.Key}: {times.Length} served");
            if (times.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $" (ms: p50 {At(times, 0.5):0}, p90 {At(times, 0.9):0}, p99 {At(times, 0.99):0}, max {times[^1]:0})");
            }

            foreach (var failure in kind.Where(static result => result.Failure is not null).GroupBy(static result => result.Failure))
            {
                text.Append(CultureInfo.InvariantCulture, $", {failure.Count()} x {failure.Key}");
            }
        }

        return text.ToString();
    }

    private static double At(double[] sorted, double part) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}
