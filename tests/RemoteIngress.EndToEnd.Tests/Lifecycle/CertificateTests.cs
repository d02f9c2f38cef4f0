using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.EndToEnd.Tests.Lifecycle;

/// <summary>Certificate files that cannot be used, at the start and later.</summary>
public sealed class CertificateTests
{
    // files are looked at every 10 s
    private static readonly TimeSpan Looks = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("directory", "key.pem", "--tls-cert")]
    [InlineData("missing.pem", "key.pem", "--tls-cert")]
    [InlineData("garbage.pem", "key.pem", "--tls-cert")]
    [InlineData("certificate.pem", "directory", "--tls-key")]
    [InlineData("certificate.pem", "garbage.pem", "--tls-key")]
    [InlineData("certificate.pem", "other-key.pem", "--tls-key")]
    [InlineData("certificate.pem", "certificate.pem", "--tls-key")]
    public async Task AtTheStart_IsOneLineThatNamesOptionAndFile(string certificate, string key, string option)
    {
        using var data = Files();

        var (exitCode, _, error) = await RemoteIngressProcess.RunAsync(Arguments(data, certificate, key), Timeouts.Token());

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"error: {option}: ", error);
        Assert.Contains(Path.Combine(data.Path, option == "--tls-cert" ? certificate : key), error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task AtTheStart_OfAnotherUser_IsOneLineThatNamesOptionAndFile()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start a program as another user");
        string[] nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        var token = Timeouts.Token();
        var (canRun, _, _) = await Tool.RunAsync("setpriv", [.. nobody, Repository.Executable, "--version"], token);
        Assert.SkipWhen(canRun != 0, "the executable is where another user cannot read it");
        using var data = Files();
        File.SetUnixFileMode(Path.Combine(data.Path, "key.pem"), UnixFileMode.UserRead);

        var (exitCode, _, error) = await Tool.RunAsync(
            "setpriv", [.. nobody, Repository.Executable, .. Arguments(data, "certificate.pem", "key.pem")], token);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("error: --tls-key: ", error);
        Assert.Contains(Path.Combine(data.Path, "key.pem"), error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task WhileItRuns_TheLastGoodOneStays_WithOneLine_UntilThereIsAnother()
    {
        var token = Timeouts.Within(Looks);
        using var data = Files();
        var (certificate, key) = (Path.Combine(data.Path, "certificate.pem"), Path.Combine(data.Path, "key.pem"));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], ["--tls-cert", certificate, "--tls-key", key], [], token);
        var first = await ThumbprintAsync(tunnel, token);

        File.WriteAllText(certificate, "no certificate any more\n");
        await tunnel.Hub.Process.WaitForLineAsync("not used", static line => line.Contains("the last good one stays"), token);

        Assert.Equal(first, await ThumbprintAsync(tunnel, token));
        await using (var edge = new EdgeFixture(tunnel.Hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret, "--bind-address", "127.0.0.9"))
        {
            await Poll.UntilAsync("an edge gets in", edge.IsConnectedAsync, token);
        }

        // the next look finds nothing new to say; the one after that finds a pair
        var second = TestCertificates.WritePem(data.Path + "/next.pem", data.Path + "/next-key.pem", "next");
        File.Move(data.Path + "/next-key.pem", key, overwrite: true);
        File.Move(data.Path + "/next.pem", certificate, overwrite: true);
        await tunnel.Hub.Process.WaitForLineAsync("reloaded", static line => line.Contains("certificate reloaded"), token);

        Assert.Equal(second, await ThumbprintAsync(tunnel, token));
        Assert.Single(tunnel.Hub.Process.Lines, static line => line.Contains("the last good one stays") && line.Contains("are not a PEM certificate"));
        Assert.DoesNotContain("   at ", tunnel.Hub.Process.Text, StringComparison.Ordinal);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("all the while", token);
    }

    private static async Task<string?> ThumbprintAsync(TunnelFixture tunnel, CancellationToken token)
    {
        using var stranger = await TunnelStranger.ConnectTlsAsync(tunnel.Hub.Setup.TunnelPort, token);
        return stranger.Thumbprint;
    }

    private static TempDirectory Files()
    {
        var data = new TempDirectory();
        TestCertificates.WritePem(data.Path + "/certificate.pem", data.Path + "/key.pem", "one");
        TestCertificates.WritePem(data.Path + "/other.pem", data.Path + "/other-key.pem", "other");
        data.Write("garbage.pem", "this is no PEM\n");
        Directory.CreateDirectory(data.Path + "/directory");
        return data;
    }

    private static string[] Arguments(TempDirectory data, string certificate, string key) =>
    [
        "hub", "--tunnel-address", "127.0.0.1", "--tunnel-port", "0", "--admin-url", "none",
        "--tls-cert", Path.Combine(data.Path, certificate), "--tls-key", Path.Combine(data.Path, key),
    ];
}
