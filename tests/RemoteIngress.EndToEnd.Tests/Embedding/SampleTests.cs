using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Embedding;

public sealed class SampleTests
{
    [Fact]
    public async Task The_sample_of_the_documentation_runs_and_tells_everything_in_order()
    {
        var token = Timeouts.Token();
        await using var sample = new ExternalProcess(Environment.ProcessPath!, ["exec", Path.Combine(AppContext.BaseDirectory, "EmbeddingSample.dll")]);

        Assert.True(await sample.WaitForExitAsync(token) == 0, sample.Text);
        Assert.Empty(sample.ErrorLines);
        Assert.Contains("client: \"hello from behind the tunnel\"", sample.OutLines);
        Assert.Contains("edge: 1 of 1 ports are open", sample.OutLines);
        Assert.Contains("edge: now 2 of 2 ports are open", sample.OutLines);
        Assert.Contains(sample.OutLines, line => line.StartsWith("hub:  client 127.0.0.1:", StringComparison.Ordinal) && line.EndsWith(" is done, completed", StringComparison.Ordinal));
        Assert.Contains("edge: tunnel to sample-hub is gone, shutdown", sample.OutLines);
        Assert.Contains(sample.OutLines, line => line.StartsWith("hub:  edge sample-edge is gone, ", StringComparison.Ordinal));
        Assert.Equal("done", sample.OutLines[^1]);
    }
}
