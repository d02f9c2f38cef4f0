using System.Globalization;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Orleans' membership in Redis, as its provider of version 10.4 lays it out: one hash with a row for each silo, by address, and the table's version.
/// To be looked at again with every upgrade of Orleans; tests do.
/// </summary>
internal sealed class MembershipTable(RedisKey key)
{
    private const string VersionField = "Version";

    // ARGV: the version of the caller's view, then address and row by turns. Answers the new version and how many rows were missing.
    private const string RestoreScript = """
        local version = math.max(tonumber(redis.call('HGET', KEYS[1], 'Version') or '0') or 0, tonumber(ARGV[1])) + 1
        local restored = 0
        for i = 2, #ARGV, 2 do
          restored = restored + redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
        end
        redis.call('HSET', KEYS[1], 'Version', string.format('%d', version))
        return { version, restored }
        """;

    public async Task<Rows> ReadAsync(IDatabase database)
    {
        var entries = await database.HashGetAllAsync(key);
        var rows = entries.Where(entry => entry.Name != VersionField).ToDictionary(entry => entry.Name.ToString(), entry => entry.Value, StringComparer.Ordinal);
        var version = entries.FirstOrDefault(entry => entry.Name == VersionField).Value;
        return new Rows(long.TryParse(version.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0, rows);
    }

    /// <summary>Adds the rows that are missing, in one step, with a version above the table's and <paramref name="view"/>: every silo takes it for news.</summary>
    public async Task<(long Version, int Restored)> RestoreAsync(IDatabase database, IReadOnlyList<(string Address, RedisValue Row)> rows, long view)
    {
        RedisValue[] arguments = [view, .. rows.SelectMany(row => new RedisValue[] { row.Address, row.Row })];
        var answer = (long[])(await database.ScriptEvaluateAsync(RestoreScript, [key], arguments))!;
        return (answer[0], (int)answer[1]);
    }

    /// <summary>What the table holds.</summary>
    internal sealed record Rows(long Version, IReadOnlyDictionary<string, RedisValue> ByAddress);
}
