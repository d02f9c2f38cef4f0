using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Tests.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Redis;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Tests.Registry;

/// <summary>Everything that Redis holds, in the hands of somebody who reaches the tunnel port.</summary>
public sealed class StolenDumpTests
{
    private const string EdgeId = "edge-1";
    private const string Secret = "correct horse battery staple";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stolen_dump_authenticates_nobody()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var hub = new RemoteIngressHub(new HubOptions
        {
            HubId = "hub-1",
            TunnelAddress = "127.0.0.1",
            TunnelPort = 0,
            AdminUrl = "none",
            Loops = 1,
            FreeAuthFailures = 1000,
            Redis = redis.ConnectionString,
            AllowedEdges = [new AllowedEdge { Id = EdgeId, Secret = Secret, ListenPorts = [443] }],
        });
        await hub.StartAsync(Token);
        var dump = await DumpAsync(redis);
        var values = dump.SelectMany(Values).Distinct(StringComparer.Ordinal).Where(value => value.Length > 0).ToArray();
        var stored = JsonDocument.Parse(dump.Single(value => value.Contains("storedKey", StringComparison.Ordinal) && !value.Contains("pendingCommits", StringComparison.Ordinal)))
            .RootElement.GetProperty("edge").GetProperty("verifiers")[0];
        var salt = stored.GetProperty("salt").GetBytesFromBase64();

        // the same hand-written exchange with what only the edge knows: the refusals below are of the keys and not of the hand
        var clientKey = HMACSHA256.HashData(
            Rfc2898DeriveBytes.Pbkdf2(Secret, salt, stored.GetProperty("iterations").GetInt32(), HashAlgorithmName.SHA256, 32), "Client Key"u8);
        Assert.True(await IsWelcomeAsync(hub.TunnelPort, clientKey));

        Assert.Contains(stored.GetProperty("storedKey").GetString()!, values);
        Assert.Contains(stored.GetProperty("serverKey").GetString()!, values);
        Assert.DoesNotContain(dump, value => value.Contains(Secret, StringComparison.Ordinal));
        foreach (var key in values.Select(TryBase64).OfType<byte[]>())
        {
            Assert.False(await IsWelcomeAsync(hub.TunnelPort, key));
            Assert.False(await IsWelcomeAsync(hub.TunnelPort, HMACSHA256.HashData(key, "Client Key"u8)));
        }

        foreach (var value in values.Where(value => value.Length <= 128))
        {
            await Assert.ThrowsAsync<WireRejectedException>(() => WireEdge.ConnectAsync(hub.TunnelPort, EdgeId, value, "thief", Timeouts.Token()));
        }
    }

    /// <summary>SCRAM by hand (RFC 5802), with a client key instead of a secret.</summary>
    private static async Task<bool> IsWelcomeAsync(int port, byte[] clientKey)
    {
        await using var edge = await WireEdge.OpenAsync(port, Timeouts.Token());
        const string header = "p=tls-server-end-point,,";
        var first = $"n={EdgeId},r={Convert.ToHexString(RandomNumberGenerator.GetBytes(16))}";
        await edge.SendAsync(FrameType.Hello, ControlCodec.Encode(new Hello
        {
            Version = Hello.CurrentVersion,
            EdgeId = EdgeId,
            InstanceId = "thief",
            Software = "thief/1",
            Scram = header + first,
        }));
        var challenge = WireEdge.Decode<Challenge>(await edge.NextAsync(FrameType.Challenge)).Scram;
        var nonce = challenge[2..challenge.IndexOf(',', StringComparison.Ordinal)];
        var final = $"c={Convert.ToBase64String([.. Encoding.ASCII.GetBytes(header), .. edge.Binding()])},r={nonce}";
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes($"{first},{challenge},{final}"));
        var proof = clientKey.Zip(signature, (a, b) => (byte)(a ^ b)).ToArray();
        await edge.SendAsync(FrameType.Auth, ControlCodec.Encode(new Auth { Scram = $"{final},p={Convert.ToBase64String(proof)}" }));
        var answer = await edge.NextAsync(frame => frame.Type is FrameType.Welcome or FrameType.Reject);
        return answer.Type == FrameType.Welcome;
    }

    private static async Task<IReadOnlyList<string>> DumpAsync(RedisServer redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var values = new List<string>();
        await foreach (var key in connection.GetServers()[0].KeysAsync())
        {
            values.Add(key!);
            var database = connection.GetDatabase();
            values.AddRange(await database.KeyTypeAsync(key) == RedisType.String
                ? [(await database.StringGetAsync(key)).ToString()]
                : (await database.HashGetAllAsync(key)).SelectMany(entry => new[] { entry.Name.ToString(), entry.Value.ToString() }));
        }

        return values;
    }

    // every text in it, also those inside JSON
    private static IEnumerable<string> Values(string text)
    {
        yield return text;
        if (!text.StartsWith('{'))
        {
            yield break;
        }

        using var document = JsonDocument.Parse(text);
        foreach (var value in Strings(document.RootElement).ToArray())
        {
            yield return value;
        }
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    private static byte[]? TryBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == 32 ? bytes[..length] : null;
    }
}
