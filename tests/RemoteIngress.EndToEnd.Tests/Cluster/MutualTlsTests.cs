using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RemoteIngress.Client;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>A cluster with the certificates that infra/scripts/cluster-ca.sh makes.</summary>
public sealed class MutualTlsTests : IDisposable
{
    private readonly TempDirectory _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task Hubs_WithTheirAuthority_WorkTogetherAndStrangersGetNowhere()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await IssueAsync(_pki.Path, token, "hub-1", "hub-2", "client:ops");
        await IssueAsync(Path.Combine(_pki.Path, "other"), token, "hub-1", "client:ops");
        await using var target = new TargetServer(Handlers.EchoAsync);
        await using var cluster = await HubCluster.CreateAsync();
        var (port, added) = (TunnelFixture.Port(target.EndPoint), TunnelFixture.Port(target.EndPoint));
        var one = await cluster.StartHubAsync(token, [TunnelFixture.Spec(port)], Arguments("hub-1"));
        var two = await cluster.StartHubAsync(token, arguments: Arguments("hub-2"));
        await cluster.WaitForHubsAsync(2, token);
        await using var edge = HubCluster.NewEdge(one);
        await edge.WaitForPortsAsync([port], token);

        await two.PutEdgesAsync(token, TunnelFixture.Spec(port, added));
        await edge.WaitForPortsAsync([added], token);
        Assert.Equal(0, (await one.ReadMetricsAsync(token)).Sum("remoteingress_hub_refused_cluster_connections_total"));

        var (silo, gateway) = HubCluster.PortsOf(one);
        foreach (var strange in new[] { silo, gateway })
        {
            await AssertPlainIsCutOffAsync(strange, token);
            await AssertIsCutOffAsync(strange, Path.Combine(_pki.Path, "other"), "hub-1", token);
            await AssertIsCutOffAsync(strange, Path.Combine(_pki.Path, "other"), "ops", token);
        }

        await AssertIsCutOffAsync(silo, _pki.Path, "ops", token);
        Assert.Equal(7, (await one.ReadMetricsAsync(token)).Sum("remoteingress_hub_refused_cluster_connections_total"));
        Assert.Equal([TunnelFixture.EdgeId], await ListAsClientAsync(cluster, token));
    }

    [Fact]
    public async Task Certificate_MadeAnew_IsShownWithoutARestart()
    {
        var token = Timeouts.Token();
        await IssueAsync(_pki.Path, token, "hub-1", "hub-2");
        await using var cluster = await HubCluster.CreateAsync();
        var hub = await cluster.StartHubAsync(token, [], Arguments("hub-1"));
        var (silo, _) = HubCluster.PortsOf(hub);
        var first = await ShownAsync(silo, token);

        await IssueAsync(_pki.Path, token, "hub-1");

        await Poll.UntilAsync("the new certificate is shown", async cancellation => await ShownAsync(silo, cancellation) != first, token);
        Assert.Equal(Serial("hub-1"), await ShownAsync(silo, token));
    }

    [Fact]
    public async Task Hub_WithTheCertificateOfAClient_DoesNotStart()
    {
        var token = Timeouts.Token();
        await IssueAsync(_pki.Path, token, "client:ops");
        await using var process = new RemoteIngressProcess(["hub", "--tunnel-port", "0", "--admin-url", "none", .. Arguments("ops")]);

        Assert.Equal(2, await process.WaitForExitAsync(token));

        Assert.Contains("does not name hub.remoteingress.internal", Assert.Single(process.ErrorLines), StringComparison.Ordinal);
    }

    private static async Task IssueAsync(string directory, CancellationToken token, params string[] names)
    {
        var (exitCode, _, error) = await Tool.RunAsync("bash", [Path.Combine(Repository.Root, "infra", "scripts", "cluster-ca.sh"), directory, .. names], token);
        Assert.True(exitCode == 0, error);
        foreach (var key in Directory.EnumerateFiles(directory, "*-key.pem"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }
    }

    private string[] Arguments(string name) =>
    [
        "--cluster-ca", Path.Combine(_pki.Path, "ca.pem"),
        "--cluster-cert", Path.Combine(_pki.Path, name + ".pem"),
        "--cluster-key", Path.Combine(_pki.Path, name + "-key.pem"),
    ];

    private static async Task AssertPlainIsCutOffAsync(int port, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port, token);
        await client.SendAsync("\0\0\0\u0010not a TLS record at all, but what Orleans might say", token);
        var answer = new byte[256];
        var length = 0;
        try
        {
            for (int read; (read = await client.ReceiveAsync(answer.AsMemory(length), token)) > 0; length += read)
            {
            }
        }
        catch (SocketException)
        {
            // a reset will do
        }

        // nothing but an alert of TLS
        Assert.True(length <= 7, Encoding.ASCII.GetString(answer, 0, length));
    }

    // In TLS 1.3 a client believes itself connected before its certificate was looked at: it has to read to know.
    private static async Task AssertIsCutOffAsync(int port, string pki, string name, CancellationToken token)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port, token);
        await using var stream = new SslStream(tcp.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(Options(pki, name), token);
            Assert.Equal(0, await stream.ReadAsync(new byte[16], token));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // an alert, or the end of the connection
        }
    }

    private async Task<string> ShownAsync(int port, CancellationToken token)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port, token);
        await using var stream = new SslStream(tcp.GetStream());
        await stream.AuthenticateAsClientAsync(Options(_pki.Path, "hub-2"), token);
        return stream.RemoteCertificate!.GetSerialNumberString();
    }

    private string Serial(string name)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_pki.Path, name + ".pem"));
        return certificate.SerialNumber;
    }

    private static SslClientAuthenticationOptions Options(string pki, string name)
    {
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(pki, name + ".pem"), Path.Combine(pki, name + "-key.pem"));
        return new SslClientAuthenticationOptions
        {
            TargetHost = "hub.remoteingress.internal",
            ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)],

            // whom the hub believes is what counts here
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        };
    }

    private async Task<IReadOnlyList<string>> ListAsClientAsync(HubCluster cluster, CancellationToken token)
    {
        await using var services = new ServiceCollection()
            .AddRemoteIngressClient(options =>
            {
                options.Redis = cluster.Redis.ConnectionString;
                options.ClusterCa = Path.Combine(_pki.Path, "ca.pem");
                options.ClusterCert = Path.Combine(_pki.Path, "ops.pem");
                options.ClusterKey = Path.Combine(_pki.Path, "ops-key.pem");
            })
            .BuildServiceProvider();
        return [.. (await services.GetRequiredService<IRemoteIngressClient>().ListEdgesAsync(token)).Select(edge => edge.Id)];
    }
}
