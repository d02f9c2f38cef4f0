using RemoteIngress.Contracts;
using RemoteIngress.Testing;

namespace RemoteIngress.Client.Tests.PublicApi;

/// <summary>
/// What other programs compile against. A change is a decision: additions go into the text file, and what is taken away or changed breaks whoever uses it.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(IRemoteIngressClient), "RemoteIngress.Client.txt")]
    [InlineData(typeof(AllowedEdge), "RemoteIngress.Contracts.txt")]
    public async Task The_public_surface_is_what_was_agreed(Type type, string file)
    {
        var path = Path.Combine(Repository.Root, "tests", "RemoteIngress.Client.Tests", "PublicApi", file);
        var actual = PublicApiText.Describe(type.Assembly);
        var agreed = File.Exists(path) ? await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) : "";

        Assert.True(agreed == actual, $"The public surface has changed. If that is meant, make {path}:\n{actual}");
    }
}
