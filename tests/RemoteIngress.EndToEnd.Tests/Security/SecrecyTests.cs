using System.Text;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Security;

public sealed class SecrecyTests
{
    [Fact]
    public async Task Secrets_AreNeitherInRedisNorInLogsNorInTheApi()
    {
        var token = Timeouts.Token();
        await using var redis = await RedisTool.StartAsync(token);
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        string[] verbose = ["--log-level", "trace"];
        await using var tunnel = await TunnelFixture.StartAsync([port], ["--redis", redis.Connection, .. verbose], verbose, token);
        await using var wrong = new EdgeFixture(tunnel.Hub.Setup.TunnelPort, TunnelFixture.EdgeId, "wrong-secret-77aa", verbose);
        await wrong.Process.WaitForLineAsync("refusal", line => line.Contains("tunnel to "), token);
        await tunnel.Hub.PutAsync("edges/second", """{"id":"second","secret":"second-secret-31c9","listenPorts":[0]}""", token);
        await tunnel.Hub.PutAsync("edges/second", """{"id":"second","secret":"second-secret-31c9"}""", token);
        var rotated = await RotateAsync(tunnel.Hub, "second", token);

        string[] secrets = [TunnelFixture.Secret, "wrong-secret-77aa", "second-secret-31c9", rotated, tunnel.Hub.Setup.AdminToken];
        var places = new Dictionary<string, string>
        {
            ["redis"] = string.Join('\n', (await redis.DumpAsync(token)).Select(entry => $"{entry.Key} {entry.Value}")),
            ["hub's log"] = tunnel.Hub.Process.Text,
            ["edge's log"] = tunnel.Edge.Process.Text,
            ["refused edge's log"] = wrong.Process.Text,
            ["edge's status"] = (await tunnel.Edge.TryGetStatusAsync(token))!.Value.GetRawText(),
        };
        foreach (var path in new[] { "edges", "edges/edge-1", "edges/second", "status", "/openapi/v1.json", "/healthz", "/readyz", "/metrics", "hubs" })
        {
            using var response = await tunnel.Hub.Api.GetAsync(new Uri(path, UriKind.Relative), token);
            places["API " + path] = await response.Content.ReadAsStringAsync(token);
        }

        Assert.Contains(TunnelFixture.EdgeId, places["redis"]);
        Assert.Contains(TunnelFixture.EdgeId, places["API edges"]);
        foreach (var (place, text) in places)
        {
            foreach (var secret in secrets)
            {
                Assert.False(ContainsSecret(text, secret), $"{place} holds a secret");
            }
        }
    }

    private static bool ContainsSecret(string text, string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return text.Contains(secret, StringComparison.OrdinalIgnoreCase)
            || text.Contains(Convert.ToBase64String(bytes).TrimEnd('='), StringComparison.Ordinal)
            || text.Contains(Convert.ToHexString(bytes), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> RotateAsync(HubFixture hub, string id, CancellationToken token)
    {
        using var response = await hub.Api.PostAsync(new Uri($"edges/{id}/rotate-secret", UriKind.Relative), null, token);
        var body = await response.Content.ReadAsStringAsync(token);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("secret").GetString()!;
    }
}
