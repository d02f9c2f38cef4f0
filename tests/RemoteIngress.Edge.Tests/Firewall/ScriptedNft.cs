using System.Collections.Concurrent;
using RemoteIngress.Edge.Firewall;

namespace RemoteIngress.Edge.Tests.Firewall;

/// <summary>An nft that remembers what it was given, and answers as the test says.</summary>
internal sealed class ScriptedNft : INft
{
    private readonly ConcurrentQueue<string> _scripts = new();

    /// <summary>What it answers; succeeds by default.</summary>
    internal Func<string, Task<NftResult>> Answer { get; set; } = _ => Task.FromResult(new NftResult("", null));

    /// <summary>What <c>list tables</c> prints.</summary>
    internal string Tables { get; set; } = "";

    /// <summary>Everything that was to be applied, in order.</summary>
    internal IReadOnlyList<string> Scripts => [.. _scripts];

    public async Task<NftResult> RunAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        if (arguments[0] == "list")
        {
            return new NftResult(Tables, null);
        }

        if (arguments[0] != "-c")
        {
            _scripts.Enqueue(input);
        }

        return await Answer(input);
    }
}
