using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Tests.Validation;

public sealed class HubOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(HubOptionsValidator.Validate(new HubOptions { HubId = "hub-1" }));

    [Theory]
    [InlineData("--tunnel-port")]
    [InlineData("--tunnel-address")]
    [InlineData("--target-host")]
    [InlineData("--advertise")]
    [InlineData("--tls-cert")]
    [InlineData("--cluster-id")]
    [InlineData("--hub-id")]
    [InlineData("--silo-port")]
    [InlineData("--gateway-port")]
    [InlineData("--redis")]
    [InlineData("--silo-address")]
    [InlineData("--admin-token")]
    [InlineData("--admin-url")]
    [InlineData("--drain-timeout")]
    [InlineData("--performance: loops")]
    [InlineData("--allowed-edges")]
    public void Every_mistake_is_named_at_once(string flag)
    {
        var errors = HubOptionsValidator.Validate(new HubOptions
        {
            TunnelPort = 70000,
            TunnelAddress = "example.org",
            TargetHost = "127.0.0.1:80",
            Advertise = "hub.example.org",
            TlsCert = "cert.pem",
            ClusterId = "a/b",
            HubId = "",
            SiloPort = -1,
            GatewayPort = 65536,
            Redis = "",
            SiloAddress = "10.0.0.1",
            AdminToken = "two words",
            AdminUrl = "https://127.0.0.1:9080",
            DrainTimeout = TimeSpan.FromHours(2),
            Loops = 1000,
            AllowedEdges = [new AllowedEdge { Id = "a b", Secret = "x" }],
        });

        Assert.Single(errors, error => error.StartsWith(flag, StringComparison.Ordinal));
        Assert.Equal(16, errors.Count);
        Assert.All(errors, error => Assert.DoesNotContain('\n', error));
    }

    [Theory]
    [InlineData("ca.pem", null, null)]
    [InlineData("ca.pem", "cert.pem", null)]
    [InlineData(null, "cert.pem", "key.pem")]
    [InlineData(null, null, "key.pem")]
    public void The_files_of_mutual_tls_come_all_together(string? ca, string? certificate, string? key)
    {
        var options = new HubOptions { HubId = "hub-1", ClusterCa = ca, ClusterCert = certificate, ClusterKey = key };

        Assert.Equal("--cluster-ca, --cluster-cert, --cluster-key: give all three PEM files, or none", Assert.Single(HubOptionsValidator.Validate(options)));
    }

    [Fact]
    public void Off_loopback_the_cluster_needs_mutual_tls_or_the_word_of_its_operator()
    {
        var options = new HubOptions { HubId = "hub-1", SiloAddress = "10.0.0.1" };
        Assert.Contains("--cluster-ca, --cluster-cert and --cluster-key", Assert.Single(HubOptionsValidator.Validate(options)), StringComparison.Ordinal);

        (options.ClusterCa, options.ClusterCert, options.ClusterKey) = ("ca.pem", "cert.pem", "key.pem");
        Assert.Empty(HubOptionsValidator.Validate(options));
        (options.ClusterCa, options.ClusterCert, options.ClusterKey, options.InsecureCluster) = (null, null, null, true);
        Assert.Empty(HubOptionsValidator.Validate(options));
    }

    [Theory]
    [InlineData("http://0.0.0.0:9080", null, "--admin-token")]
    [InlineData("http://[::]:9080", null, "--admin-token")]
    [InlineData("http://[::]:9080", "short", "--admin-token")]
    [InlineData("http://0.0.0.0:9080", "0123456789abcdef", null)]
    [InlineData("http://127.0.0.1:0", null, null)]
    [InlineData("http://[::1]:9080/", null, null)]
    [InlineData("http://localhost:9080", null, null)]
    [InlineData("none", null, null)]
    [InlineData("", null, null)]
    [InlineData("http://127.0.0.1", null, "--admin-url")]
    [InlineData("http://hub.example.org:9080", null, "--admin-url")]
    [InlineData("http://127.0.0.1:9080/path", null, "--admin-url")]
    public void Where_the_api_listens_and_whether_it_needs_a_token(string url, string? token, string? flag)
    {
        var errors = HubOptionsValidator.Validate(new HubOptions { HubId = "hub-1", AdminUrl = url, AdminToken = token });

        Assert.Equal(flag is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.StartsWith(flag!, error));
    }

    [Fact]
    public void Silos_stay_on_loopback_unless_the_operator_insists()
    {
        var options = new HubOptions { HubId = "hub-1", SiloAddress = "10.0.0.1" };

        Assert.Contains("need mutual TLS", Assert.Single(HubOptionsValidator.Validate(options)));
        options.InsecureCluster = true;
        Assert.Empty(HubOptionsValidator.Validate(options));
        options.SiloAddress = "0.0.0.0";
        Assert.StartsWith("--silo-address", Assert.Single(HubOptionsValidator.Validate(options)));
    }

    [Fact]
    public void Without_redis_every_edge_needs_its_secret()
    {
        var options = new HubOptions { HubId = "hub-1", AllowedEdges = [new AllowedEdge { Id = "a" }] };

        Assert.StartsWith("--allowed-edges: [0].secret: required", Assert.Single(HubOptionsValidator.Validate(options)));
        options.Redis = "127.0.0.1:6379";
        Assert.Empty(HubOptionsValidator.Validate(options));
    }

    [Fact]
    public void A_password_in_the_connection_string_is_not_repeated()
    {
        var errors = HubOptionsValidator.Validate(new HubOptions { HubId = "hub-1", Redis = "password=hunter2,bogus=1" });

        Assert.DoesNotContain("hunter2", Assert.Single(errors));
    }
}
