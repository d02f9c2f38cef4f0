using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Cli.Tests;

public sealed class HubCommandOptionsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("remoteingress-cli-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task CheckHub_Defaults_AreTheDesigns()
    {
        var run = new CliRun();

        Assert.Equal(0, await run.RunAsync("check", "hub"));

        Assert.Equal("8443", run.Value("tunnel-port"));
        Assert.Equal("::", run.Value("tunnel-address"));
        Assert.Equal("127.0.0.1", run.Value("target-host"));
        Assert.Equal("http://127.0.0.1:9080", run.Value("admin-url"));
        Assert.Equal("30s", run.Value("drain-timeout"));
        Assert.Equal("configuration ok", run.OutLines[^1]);
    }

    [Fact]
    public async Task CheckHub_Secrets_AreMasked()
    {
        var run = new CliRun
        {
            Environment =
            {
                ["REMOTEINGRESS_REDIS"] = "10.0.0.7:6379,user=carol,password=hunter2",
                ["REMOTEINGRESS_ADMIN_TOKEN"] = "0123456789abcdef-token",
                ["REMOTEINGRESS_ALLOWED_EDGES_JSON"] = """[{"id":"fra","secret":"hunter3","listenPorts":[443]}]""",
            },
        };

        Assert.Equal(0, await run.RunAsync("check", "hub"));

        Assert.Equal("redis 10.0.0.7:6379", run.Value("registry"));
        Assert.Equal("1: fra", run.Value("allowed-edges"));
        Assert.Equal("***", run.Value("admin-token"));
        Assert.DoesNotContain("hunter", run.Out);
        Assert.DoesNotContain("0123456789abcdef", run.Out);
    }

    [Fact]
    public async Task CheckHub_AllowedEdgesFile_WinsOverTheVariable()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_ALLOWED_EDGES_JSON"] = "not even JSON" } };
        var file = Write("edges.json", """[{"id":"a","secret":"s1"},{"id":"b","secret":"s2"}]""");

        Assert.Equal(0, await run.RunAsync("check", "hub", "--allowed-edges", file));

        Assert.Equal("2: a, b", run.Value("allowed-edges"));
    }

    [Fact]
    public async Task CheckHub_BadEdgesFile_NamesEveryErrorWithItsPlace()
    {
        var run = new CliRun();
        var file = Write("edges.json", """[{"id":"a","secret":"s1","listenPorts":[0]},{"id":"a","secret":"s2","colour":"red"}]""");

        Assert.Equal(2, await run.RunAsync("check", "hub", "--allowed-edges", file));

        Assert.Equal(3, run.ErrorLines.Length);
        Assert.All(run.ErrorLines, line => Assert.StartsWith("error: --allowed-edges: [", line));
    }

    [Fact]
    public async Task CheckHub_MissingFiles_AreAllNamed()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(
            "check", "hub", "--allowed-edges", "/nonexistent/e", "--tls-cert", "/nonexistent/c", "--tls-key", "/nonexistent/k", "--performance", "/nonexistent/p"));

        Assert.Equal(
            ["--allowed-edges", "--performance", "--tls-cert", "--tls-key"],
            run.ErrorLines.Select(line => line.Split(' ')[1].TrimEnd(':')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task CheckHub_CertificateWithItsKey_IsAccepted()
    {
        var run = new CliRun();
        var (certificate, key) = Pem("one");

        Assert.Equal(0, await run.RunAsync("check", "hub", "--tls-cert", certificate, "--tls-key", key));
    }

    [Fact]
    public async Task CheckHub_CertificateWithAnotherKey_IsRefused()
    {
        var run = new CliRun();
        var (certificate, _) = Pem("one");
        var (_, key) = Pem("two");

        Assert.Equal(2, await run.RunAsync("check", "hub", "--tls-cert", certificate, "--tls-key", key));

        Assert.StartsWith("error: --tls-key: ", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task CheckHub_ClusterCertificates_AreReadAndTheirRoleIsChecked()
    {
        using var pki = new ClusterPki(_directory.FullName);
        var (hub, client) = (pki.IssueHub("hub-1"), pki.IssueClient("ops"));
        var (good, wrong) = (new CliRun(), new CliRun());

        Assert.Equal(0, await good.RunAsync(
            "check", "hub", "--silo-address", "10.1.2.3", "--cluster-ca", pki.Ca, "--cluster-cert", hub.Certificate, "--cluster-key", hub.Key));
        Assert.Equal(2, await wrong.RunAsync(
            "check", "hub", "--cluster-ca", pki.Ca, "--cluster-cert", client.Certificate, "--cluster-key", client.Key));

        Assert.Equal(hub.Certificate, good.Value("cluster-cert"));
        Assert.StartsWith("error: --cluster-cert: ", Assert.Single(wrong.ErrorLines));
        Assert.Contains("hub.remoteingress.internal", wrong.ErrorLines[0]);
    }

    [Fact]
    public async Task CheckHub_OffLoopbackWithoutMutualTls_NamesTheCure()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("check", "hub", "--silo-address", "10.1.2.3"));

        Assert.Contains("--cluster-ca", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task CheckHub_SwitchInTheEnvironment_IsReadOrRefused()
    {
        var on = new CliRun { Environment = { ["REMOTEINGRESS_INSECURE_CLUSTER"] = "yes" } };
        var odd = new CliRun { Environment = { ["REMOTEINGRESS_INSECURE_CLUSTER"] = "maybe" } };

        Assert.Equal(0, await on.RunAsync("check", "hub", "--silo-address", "10.1.2.3"));
        Assert.Equal(2, await odd.RunAsync("check", "hub"));

        Assert.Equal("yes", on.Value("insecure-cluster"));
        Assert.Equal(["error: REMOTEINGRESS_INSECURE_CLUSTER: not a switch; use 1 or 0"], odd.ErrorLines);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private (string Certificate, string Key) Pem(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return (Write(name + ".crt", certificate.ExportCertificatePem()), Write(name + ".key", key.ExportPkcs8PrivateKeyPem()));
    }
}
