using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Hub.Tests.Admin;

public sealed class EdgeApiTests : IAsyncLifetime
{
    private const string OneEdge = """{ "secret": "correct horse", "listenPorts": [443] }""";

    private AdminHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await AdminHost.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_list_is_reconciled_and_read_back_without_secrets()
    {
        var first = await _api.PutAsync("/api/v1/edges", """
            [{ "id": "a", "secret": "correct horse", "listenPorts": [80, 443] }, { "id": "b", "secret": "battery staple" }]
            """);
        Assert.Equal(200, first.Status);
        Assert.Equal(["a", "b"], first.Ids("created"));

        var second = await _api.PutAsync("/api/v1/edges", """
            [{ "id": "a", "listenPorts": [443, 80] }, { "id": "c", "secret": "third one here" }]
            """);
        Assert.Equal(["c"], second.Ids("created"));
        Assert.Equal(["b"], second.Ids("removed"));
        Assert.Equal(["a"], second.Ids("unchanged"));
        Assert.Empty(second.Ids("updated"));

        var list = await _api.GetAsync("/api/v1/edges");
        Assert.Equal(200, list.Status);
        Assert.Equal(["a", "c"], list.Json.EnumerateArray().Select(edge => edge.GetProperty("id").GetString()));
        Assert.DoesNotContain("correct horse", list.Body);
        Assert.DoesNotContain("verifier", list.Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("storedKey", list.Body, StringComparison.OrdinalIgnoreCase);

        var one = await _api.GetAsync("/api/v1/edges/a");
        Assert.Equal("[80,443]", one.Json.GetProperty("settings").GetProperty("listenPorts").ToString());
        Assert.True(one.Json.GetProperty("hasSecret").GetBoolean());
        Assert.True(one.Json.GetProperty("generation").GetInt64() > 0);
        Assert.Empty(one.Json.GetProperty("observed").EnumerateArray());
    }

    [Fact]
    public async Task An_invalid_list_changes_nothing_and_names_every_error()
    {
        await _api.PutAsync("/api/v1/edges/kept", OneEdge);

        var answer = await _api.PutAsync("/api/v1/edges", """
            [{ "id": "a", "secret": "s", "listenPorts": [0, 70000, "x"] },
             { "id": "a", "secret": "s", "firewallConfig": { "blockedIps": ["1.2.3.4/33"] }, "listenPort": [80] },
             { "secret": "s" }]
            """);

        answer.IsProblem(400);
        Assert.Equal(
            ["[0].listenPorts[0]", "[0].listenPorts[1]", "[0].listenPorts[2]", "[1].firewallConfig.blockedIps[0]", "[1].id", "[1].listenPort", "[2].id"],
            answer.ErrorPaths.Order(StringComparer.Ordinal));
        Assert.Equal(["kept"], (await _api.GetAsync("/api/v1/edges")).Json.EnumerateArray().Select(edge => edge.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task One_edge_is_created_changed_left_alone_and_removed()
    {
        var created = await _api.PutAsync("/api/v1/edges/a", OneEdge);
        Assert.Equal(201, created.Status);
        Assert.Equal("created", created["outcome"]);
        Assert.Contains("Location: /api/v1/edges/a", created.Headers);

        var unchanged = await _api.PutAsync("/api/v1/edges/a", OneEdge);
        Assert.Equal(200, unchanged.Status);
        Assert.Equal("unchanged", unchanged["outcome"]);
        Assert.Equal(created["generation"], unchanged["generation"]);
        Assert.Equal("updated", (await _api.PutAsync("/api/v1/edges/a", """{ "id": "a", "listenPorts": [444] }"""))["outcome"]);

        var removed = await _api.DeleteAsync("/api/v1/edges/a");
        Assert.Equal(200, removed.Status);
        Assert.Equal("removed", removed["outcome"]);
        (await _api.DeleteAsync("/api/v1/edges/a")).IsProblem(404);
        (await _api.GetAsync("/api/v1/edges/a")).IsProblem(404);
    }

    [Theory]
    [InlineData("""{ "id": "b", "secret": "s" }""", "id")]
    [InlineData("""{ "listenPorts": [443] }""", "secret")]
    [InlineData("""[]""", "")]
    [InlineData("""{ "secret": """, "")]
    [InlineData("", "")]
    public async Task A_wrong_edge_is_refused_with_its_place(string json, string path)
    {
        var answer = await _api.PutAsync("/api/v1/edges/a", json);

        answer.IsProblem(400);
        Assert.Equal([path], answer.ErrorPaths);
        (await _api.GetAsync("/api/v1/edges/a")).IsProblem(404);
    }

    [Fact]
    public async Task Rotation_answers_secret_and_token_once()
    {
        await _api.PutAsync("/api/v1/edges/a", OneEdge);

        var rotated = await _api.PostAsync("/api/v1/edges/a/rotate-secret");

        Assert.Equal(200, rotated.Status);
        Assert.Contains("no-store", rotated.Headers);
        Assert.True(ConnectionToken.TryDecode(rotated["token"], out var token, out _));
        Assert.Equal(("127.0.0.1", 18443, "a", rotated["secret"]), (token!.Host, token.Port, token.EdgeId, token.Secret));
        Assert.DoesNotContain(rotated["secret"]!, (await _api.GetAsync("/api/v1/edges/a")).Body);
        Assert.False(await _api.Silo.Edges.VerifySecretAsync("a", "correct horse", TestContext.Current.CancellationToken));

        var overlapping = await _api.PostAsync("/api/v1/edges/a/rotate-secret", """{ "overlapSeconds": 60, "hubs": ["hub.example.org:443", "[2001:db8::1]:8443"] }""");
        Assert.NotNull(overlapping["oldSecretValidUntil"]);
        Assert.True(ConnectionToken.TryDecode(overlapping["token"], out var second, out _));
        Assert.Equal(["hub.example.org:443", "[2001:db8::1]:8443"], second!.AllHubs.Select(hub => hub.ToString()));

        var wrong = await _api.PostAsync("/api/v1/edges/a/rotate-secret", """{ "overlapSeconds": -1, "hubs": ["a b"], "why": 1 }""");
        Assert.Equal(["hubs[0]", "overlapSeconds", "why"], wrong.IsProblem(400).ErrorPaths.Order(StringComparer.Ordinal));
        (await _api.PostAsync("/api/v1/edges/nobody/rotate-secret")).IsProblem(404);
    }

    [Fact]
    public async Task A_token_needs_the_secret_or_the_wish_for_a_new_one()
    {
        await _api.PutAsync("/api/v1/edges/a", OneEdge);

        var given = await _api.PostAsync("/api/v1/edges/a/token", """{ "secret": "correct horse" }""");
        Assert.Equal(200, given.Status);
        Assert.True(ConnectionToken.TryDecode(given["token"], out var token, out _));
        Assert.Equal("correct horse", token!.Secret);
        Assert.DoesNotContain("secret", given.Body);

        (await _api.PostAsync("/api/v1/edges/a/token", """{ "secret": "wrong" }""")).IsProblem(409);
        (await _api.PostAsync("/api/v1/edges/a/token")).IsProblem(400);
        (await _api.PostAsync("/api/v1/edges/a/token", """{ "secret": "correct horse", "rotate": true }""")).IsProblem(400);
        (await _api.PostAsync("/api/v1/edges/nobody/token", """{ "secret": "x" }""")).IsProblem(404);
        Assert.True(await _api.Silo.Edges.VerifySecretAsync("a", "correct horse", TestContext.Current.CancellationToken));

        var rotated = await _api.PostAsync("/api/v1/edges/a/token", """{ "rotate": true }""");
        Assert.Equal(200, rotated.Status);
        Assert.True(await _api.Silo.Edges.VerifySecretAsync("a", rotated["secret"]!, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_an_address_for_edges_no_token_is_made_and_no_secret_changed()
    {
        await using var api = await AdminHost.StartAsync(options => options.TunnelAddress = "::");
        await api.PutAsync("/api/v1/edges/a", OneEdge);

        var refused = (await api.PostAsync("/api/v1/edges/a/token", """{ "rotate": true }""")).IsProblem(409);

        Assert.Contains("--advertise", refused["detail"]);
        Assert.True(await api.Silo.Edges.VerifySecretAsync("a", "correct horse", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_registry_that_cannot_be_asked_is_503()
    {
        await _api.Silo.StopAsync();

        (await _api.GetAsync("/api/v1/edges")).IsProblem(503);
        (await _api.PutAsync("/api/v1/edges", "[]")).IsProblem(503);
        (await _api.GetAsync("/api/v1/edges/a")).IsProblem(503);
        (await _api.PutAsync("/api/v1/edges/a", OneEdge)).IsProblem(503);
        (await _api.DeleteAsync("/api/v1/edges/a")).IsProblem(503);
        var rotate = (await _api.PostAsync("/api/v1/edges/a/rotate-secret")).IsProblem(503);
        Assert.Contains("Retry-After", rotate.Headers);
        Assert.False((await _api.GetAsync("/api/v1/status")).Json.GetProperty("registry").GetProperty("healthy").GetBoolean());
    }
}
