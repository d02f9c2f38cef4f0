using System.Globalization;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>How long, and how much. Without REMOTEINGRESS_SOAK_MINUTES it is a short run with the same traffic.</summary>
internal sealed record SoakSettings(TimeSpan WarmUp, TimeSpan Duration, TimeSpan SampleEvery, TimeSpan ChangeEvery, TimeSpan CutEvery)
{
    private const long MiB = 1024 * 1024;

    /// <summary>Resident memory that a process may have more at the end than after warming up.</summary>
    internal long MaxGrowth { get; init; } = 8 * MiB;

    /// <summary>Where the table goes as it grows; null for nowhere.</summary>
    internal string? Report { get; } = Environment.GetEnvironmentVariable("REMOTEINGRESS_SOAK_REPORT");

    internal static SoakSettings FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("REMOTEINGRESS_SOAK_MINUTES") is not { Length: > 0 } text)
        {
            // code is still being compiled and pools still grow after so short a time
            return new SoakSettings(Seconds(5), Seconds(13), Seconds(3), Seconds(2), Seconds(4)) { MaxGrowth = 64 * MiB };
        }

        var duration = TimeSpan.FromMinutes(double.Parse(text, CultureInfo.InvariantCulture));
        return new SoakSettings(Seconds(120), duration, Seconds(60), Seconds(10), Seconds(45));
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
