using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Hub.Admin;

namespace RemoteIngress.Hub.Tests.Admin;

public sealed class AdminServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong-token-wrong-token")]
    [InlineData("Basic MDEyMzQ1Njc4OWFiY2RlZi10b2tlbg==")]
    [InlineData("Bearer ")]
    public async Task Without_the_token_everything_under_api_is_401(string? authorization)
    {
        await using var api = await AdminHost.StartAsync();
        api.Http.DefaultRequestHeaders.Remove("Authorization");

        foreach (var path in new[] { "/api/v1/edges", "/api/v1/status", "/api/v1/edges/a", "/api/nothing" })
        {
            var answer = await api.GetAsync(path, request =>
            {
                if (authorization is not null)
                {
                    request.Headers.TryAddWithoutValidation("Authorization", authorization);
                }
            });
            answer.IsProblem(401);
            Assert.Contains("WWW-Authenticate: Bearer", answer.Headers);
        }
    }

    [Fact]
    public async Task Probes_metrics_and_openapi_are_open()
    {
        await using var api = await AdminHost.StartAsync();
        api.Http.DefaultRequestHeaders.Remove("Authorization");

        Assert.Equal("ok", (await api.GetAsync("/healthz"))["status"]);
        Assert.Equal("""{"status":"ready","registry":{"mode":"memory","healthy":true}}""", (await api.GetAsync("/readyz")).Body);
        var metrics = (await api.GetAsync("/metrics")).Body;
        Assert.Contains("# TYPE", metrics);
        Assert.Contains("service_name=\"remoteingress-hub\"", metrics);
        Assert.Contains("service_instance_id=\"hub-1\"", metrics);
        var openApi = await api.GetAsync("/openapi/v1.json");
        Assert.Equal(200, openApi.Status);
        Assert.Equal(
            [
                "/api/v1/edges", "/api/v1/edges/{id}", "/api/v1/edges/{id}/rotate-secret", "/api/v1/edges/{id}/token", "/api/v1/events", "/api/v1/hubs",
                "/api/v1/hubs/{id}/drain", "/api/v1/status", "/healthz", "/readyz",
            ],
            openApi.Json.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        var status = openApi.Json.GetProperty("components").GetProperty("schemas").GetProperty("HubStatus").GetProperty("properties");
        Assert.Equal(
            ["cluster", "connectedEdges", "descriptors", "hubId", "limits", "refusals", "registry", "running", "streamsEnded", "tunnelPort", "tunnelsEnded", "udp"],
            status.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Contains("integer", status.GetProperty("limits").GetProperty("additionalProperties").GetProperty("type").ToString(), StringComparison.Ordinal);
        api.NotReadyBecause = "the registry is away";
        Assert.Contains("the registry is away", (await api.GetAsync("/readyz")).IsProblem(503).Body, StringComparison.Ordinal);
        Assert.Equal(200, (await api.GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task Status_has_the_shape_that_others_build_on()
    {
        await using var api = await AdminHost.StartAsync();
        api.Hub.View = api.Hub.View with { InstanceId = "run-1", Software = "tests" };
        var silo = api.Hubs.Own().SiloAddress;

        var status = await api.GetAsync("/api/v1/status");

        Assert.Equal(
            $$$"""
            {"running":true,"hubId":"hub-1","tunnelPort":18443,"connectedEdges":[],"registry":{"mode":"memory","healthy":true},"refusals":{"busy":3},"tunnelsEnded":{},"streamsEnded":{},"limits":{"maxTunnelsPerEdge":3},"udp":null,"descriptors":{"limit":1024,"reserved":256,"open":90},"cluster":{"hubs":[{"hubId":"hub-1","instanceId":"run-1","state":"ready","advertise":"hub-1:8443","siloAddress":"{{{silo}}}","software":"tests","edges":0,"tunnels":0,"activeStreams":0,"activeUdpSessions":0}],"unansweredHubs":[],"registeredEdges":0,"edges":[]}}
            """,
            status.Body);
    }

    [Fact]
    public async Task Wrong_addresses_methods_types_and_sizes_are_problems()
    {
        await using var api = await AdminHost.StartAsync();

        (await api.GetAsync("/nothing")).IsProblem(404);
        (await api.GetAsync("/api/v1/nothing")).IsProblem(404);
        (await api.GetAsync("/api/v1/edges/a%20b")).IsProblem(404);
        (await api.SendAsync(HttpMethod.Patch, "/api/v1/edges")).IsProblem(405);
        (await api.SendAsync(HttpMethod.Put, "/api/v1/edges", "[]", request =>
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain"))).IsProblem(415);
        (await api.SendAsync(HttpMethod.Put, "/api/v1/edges", "[]", request => request.Content!.Headers.ContentType = null)).IsProblem(415);

        // the client asks before it sends so much: else the answer may come while it still writes
        (await api.SendAsync(HttpMethod.Put, "/api/v1/edges/a", new string(' ', (int)RequestBody.MaxSmall + 1), request =>
            request.Headers.ExpectContinue = true)).IsProblem(413);
    }

    [Fact]
    public async Task What_fails_inside_stays_inside()
    {
        await using var api = await AdminHost.StartAsync();
        api.StatusFailure = new InvalidOperationException("a detail of the inside");

        var answer = (await api.GetAsync("/api/v1/status")).IsProblem(500);

        Assert.DoesNotContain("a detail of the inside", answer.Body);
    }

    [Fact]
    public async Task Without_a_token_local_programs_may_and_web_pages_may_not()
    {
        await using var api = await AdminHost.StartAsync(options => options.AdminToken = null);

        Assert.Equal(200, (await api.GetAsync("/api/v1/edges")).Status);
        Assert.Equal(200, (await api.GetAsync("/api/v1/edges", request => request.Headers.Host = $"localhost:{api.Http.BaseAddress!.Port}")).Status);
        (await api.GetAsync("/api/v1/edges", request => request.Headers.Add("Origin", "https://evil.example"))).IsProblem(403);
        (await api.GetAsync("/api/v1/edges", request => request.Headers.Host = "evil.example")).IsProblem(403);
        (await api.GetAsync("/api/v1/edges", request => request.Headers.Add("Sec-Fetch-Site", "cross-site"))).IsProblem(403);
    }

    [Fact]
    public async Task With_a_data_directory_a_token_is_made_once_for_its_owner_only()
    {
        var directory = Directory.CreateTempSubdirectory("remoteingress-admin-").FullName;
        try
        {
            string token;
            var path = Path.Combine(directory, "admin-token");
            await using (var first = await AdminHost.StartAsync(Configure))
            {
                token = File.ReadAllText(path).Trim();
                (await first.GetAsync("/api/v1/edges")).IsProblem(401);
            }

            Assert.Equal(64, token.Length);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            await using var second = await AdminHost.StartAsync(Configure);
            second.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            Assert.Equal(200, (await second.GetAsync("/api/v1/edges")).Status);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        void Configure(HubOptions options) => (options.AdminToken, options.DataDir) = (null, directory);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}";

        var error = await Assert.ThrowsAsync<HubStartException>(() => AdminHost.StartAsync(options => options.AdminUrl = url));

        Assert.Equal($"--admin-url: {url} is in use by another program; choose another port, or none", Assert.Single(error.Errors));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("")]
    [InlineData(null)]
    public async Task It_can_be_turned_off(string? url)
    {
        await using var server = new AdminServer(new HubOptions { AdminUrl = url }, null!, null!, null!, null!, NullLoggerFactory.Instance, TimeProvider.System);

        await server.StartAsync(Token);

        Assert.Null(server.Url);
    }

    [Fact]
    public async Task Off_loopback_it_does_not_start_without_a_token()
    {
        await using var server = new AdminServer(new HubOptions { AdminUrl = "http://0.0.0.0:0" }, null!, null!, null!, null!, NullLoggerFactory.Instance, TimeProvider.System);

        var error = await Assert.ThrowsAsync<HubStartException>(() => server.StartAsync(Token));

        Assert.StartsWith("--admin-token: required", Assert.Single(error.Errors));
    }

    [Fact]
    public async Task Two_thousand_edges_fit_one_request()
    {
        await using var api = await AdminHost.StartAsync();
        var json = new StringBuilder("[");
        for (var i = 0; i < 2_000; i++)
        {
            json.Append(i == 0 ? "" : ",").Append($$"""{"id":"e{{i}}","secret":"a secret of some length {{i}}","listenPorts":[80,443,{{1000 + i}}]}""");
        }

        var answer = await api.PutAsync("/api/v1/edges", json.Append(']').ToString());

        Assert.Equal(200, answer.Status);
        Assert.Equal(2_000, answer.Ids("created").Count);
    }
}
