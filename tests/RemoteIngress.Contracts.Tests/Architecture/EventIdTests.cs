using System.Text.RegularExpressions;
using RemoteIngress.Testing;

namespace RemoteIngress.Contracts.Tests.Architecture;

/// <summary>A number names one line of the log, wherever it is written.</summary>
public sealed partial class EventIdTests
{
    [Fact]
    public void No_two_lines_of_the_log_have_one_number()
    {
        var ids = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Message().Matches(File.ReadAllText(file)).Select(match => (Id: match.Groups[1].Value, File: Path.GetRelativePath(Repository.Root, file))))
            .ToList();

        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(entry => entry.Id).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(entry => entry.File))}"));
    }

    [GeneratedRegex(@"LoggerMessage\(\s*(\d+)")]
    private static partial Regex Message();
}
