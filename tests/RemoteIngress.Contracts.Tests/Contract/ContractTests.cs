using RemoteIngress.Testing;

namespace RemoteIngress.Contracts.Tests.Contract;

/// <summary>
/// Hubs and clients of different versions talk to each other: what is in Contract.txt may be added to, never changed. A new member gets a
/// new id and a default that means "as before"; what is gone keeps its id for ever.
/// </summary>
public sealed class ContractTests
{
    private static readonly System.Reflection.Assembly Contracts = typeof(AllowedEdge).Assembly;

    [Fact]
    public async Task What_crosses_processes_is_what_was_agreed()
    {
        var path = Path.Combine(Repository.Root, "tests", "RemoteIngress.Contracts.Tests", "Contract", "Contract.txt");
        var agreed = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        var actual = ContractText.Describe(Contracts);

        Assert.True(agreed == actual, $"The contract has changed. If it only grew, make {path}:\n{actual}");
    }

    [Fact]
    public void Nothing_that_can_be_set_is_left_behind() => Assert.Empty(ContractText.WithoutId(Contracts));
}
