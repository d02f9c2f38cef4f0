namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>What was measured, for people: a diagnostic message, and a line of the file that infra/scripts/failover.sh asks for.</summary>
internal static class FailoverReport
{
    public static void Tell(string text)
    {
        TestContext.Current.SendDiagnosticMessage(text);
        if (Environment.GetEnvironmentVariable("REMOTEINGRESS_FAILOVER_REPORT") is { Length: > 0 } file)
        {
            File.AppendAllText(file, text + "\n");
        }
    }
}
