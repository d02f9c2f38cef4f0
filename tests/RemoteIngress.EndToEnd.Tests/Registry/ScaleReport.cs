namespace RemoteIngress.EndToEnd.Tests.Registry;

/// <summary>Where infra/scripts/scale.sh reads what was measured.</summary>
internal static class ScaleReport
{
    private static readonly string? Path = Environment.GetEnvironmentVariable("REMOTEINGRESS_SCALE_REPORT");

    public static void Write(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (!string.IsNullOrEmpty(Path))
        {
            File.AppendAllText(Path, line + "\n");
        }
    }
}
