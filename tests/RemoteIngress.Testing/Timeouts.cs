using Xunit;

namespace RemoteIngress.Testing;

/// <summary>The token under which a test awaits. It ends with the test or after a deadline that only a hang reaches.</summary>
public static class Timeouts
{
    private static readonly TimeSpan Ordinary = TimeSpan.FromSeconds(60);

    /// <summary>For one test that starts processes: 60 s.</summary>
    public static CancellationToken Token() => Within(Ordinary);

    /// <summary>For what must be over soon after a test, also after one that failed or was given up.</summary>
    public static CancellationToken ToEnd() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static CancellationToken Within(TimeSpan limit)
    {
        // never disposed: tests hold the token and not the source, and the timer dies with the test process
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(limit);
        return source.Token;
    }
}
