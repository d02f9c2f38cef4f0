using System.Text;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Hub.Tests.Registry.LastKnown;

public sealed class LastKnownFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RecordingLogger _log = new();

    private string FilePath => Path.Combine(_directory.Path, LastKnownFile.FileName);

    private string KeyPath => Path.Combine(_directory.Path, LastKnownFile.KeyFileName);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Another_process_knows_what_this_one_knew()
    {
        var record = LastKnownEdgesTests.Record("edge-fra-1", 7);
        await WriteAsync(record);

        var found = Load().Find("edge-fra-1");

        Assert.Equal(7, found!.Generation);
        Assert.True(EdgeSettingsComparer.Instance.Equals(record.Settings, found.Settings));
        Assert.Equal(2, found.Verifiers.Length);
        Assert.True(EdgeSecrets.Matches(found.Verifiers[0], "a secret of this test"));
        Assert.True(EdgeSecrets.Matches(found.Verifiers[1], "the one before"));
        Assert.StartsWith("Information: 1 of 1 edges", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_for_their_owner_only_and_show_nothing()
    {
        await WriteAsync(LastKnownEdgesTests.Record("edge-fra-1", 7));

        foreach (var path in new[] { FilePath, KeyPath })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.DoesNotContain("edge-fra-1", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken)));
        Assert.Equal(2, Directory.GetFiles(_directory.Path).Length);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("version")]
    [InlineData("text")]
    [InlineData("key of another")]
    [InlineData("short key")]
    public async Task A_file_that_is_not_ours_any_more_is_ignored_with_a_warning_and_replaced(string damage)
    {
        await WriteAsync(LastKnownEdgesTests.Record("a", 7));
        var bytes = await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken);
        switch (damage)
        {
            case "changed":
                bytes[^30] ^= 1;
                break;
            case "cut":
                bytes = bytes[..^1];
                break;
            case "empty":
                bytes = [];
                break;
            case "version":
                bytes[4]++;
                break;
            case "text":
                bytes = "{\"edges\":[]}"u8.ToArray();
                break;
            default:
                // the mode stays as it is
                await File.WriteAllBytesAsync(KeyPath, new byte[damage == "short key" ? 31 : 32], TestContext.Current.CancellationToken);
                break;
        }

        await File.WriteAllBytesAsync(FilePath, bytes, TestContext.Current.CancellationToken);

        Assert.Null(Load().Find("a"));
        Assert.Contains(" is ignored: ", Assert.Single(Warnings()), StringComparison.Ordinal);
        await WriteAsync(LastKnownEdgesTests.Record("b", 8));
        Assert.NotNull(Load().Find("b"));
    }

    [Fact]
    public async Task A_file_of_another_cluster_is_ignored_with_a_warning()
    {
        await WriteAsync(LastKnownEdgesTests.Record("a", 7));

        Assert.Null(Load("another").Find("a"));

        Assert.Single(Warnings());
    }

    [Fact]
    public async Task A_key_that_others_could_read_is_replaced()
    {
        await WriteAsync(LastKnownEdgesTests.Record("a", 7));
        var key = await File.ReadAllBytesAsync(KeyPath, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Null(Load().Find("a"));
        await WriteAsync(LastKnownEdgesTests.Record("b", 8));

        Assert.NotEqual(key, await File.ReadAllBytesAsync(KeyPath, TestContext.Current.CancellationToken));
        Assert.True(OwnerOnlyFile.IsPrivate(KeyPath));
        Assert.NotNull(Load().Find("b"));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_said_once_and_stops_nothing()
    {
        var known = new LastKnownEdges(TimeProvider.System);
        var file = new LastKnownFile(known, Path.Combine(_directory.Path, "missing"), "remoteingress", TimeProvider.System, _log);
        file.Load();
        using var stop = new CancellationTokenSource();
        var writing = file.RunAsync(stop.Token);
        known.Keep(LastKnownEdgesTests.Record("a", 7));
        await Poll.UntilAsync("it was said", () => _log.Lines.Count > 0, Timeouts.Token());
        known.Keep(LastKnownEdgesTests.Record("a", 8));
        await stop.CancelAsync();
        await writing;

        Assert.Contains("cannot be written", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_left_out_from_the_end()
    {
        var key = new byte[LastKnownFormat.KeySize];
        KnownEdge[] edges = [.. Enumerable.Range(0, 10).Select(i => new KnownEdge(LastKnownEdgesTests.Record($"edge-{i}", 1), DateTimeOffset.UnixEpoch))];
        var all = LastKnownFormat.Encode(edges, "c", key, out var none);

        var some = LastKnownFormat.Encode(edges, "c", key, out var left, all.Length - 1);

        Assert.Equal((0, 1), (none, left));
        var (read, error) = LastKnownFormat.Decode(some, "c", key);
        Assert.Null(error);
        Assert.Equal(edges[..9].Select(edge => edge.Record.EdgeId), read.Select(edge => edge.Record.EdgeId));
    }

    private IEnumerable<string> Warnings() => _log.Lines.Where(line => line.StartsWith("Warning: ", StringComparison.Ordinal));

    private LastKnownEdges Load(string cluster = "remoteingress")
    {
        _log.Lines.Clear();
        var known = new LastKnownEdges(TimeProvider.System);
        new LastKnownFile(known, _directory.Path, cluster, TimeProvider.System, _log).Load();
        return known;
    }

    /// <summary>As a hub does it: in the background, and once more at the end.</summary>
    private async Task WriteAsync(EdgeRecord record)
    {
        var known = new LastKnownEdges(TimeProvider.System);
        var file = new LastKnownFile(known, _directory.Path, "remoteingress", TimeProvider.System, _log);
        file.Load();
        using var stop = new CancellationTokenSource();
        var writing = file.RunAsync(stop.Token);
        known.Keep(record);
        await stop.CancelAsync();
        await writing;
    }
}
