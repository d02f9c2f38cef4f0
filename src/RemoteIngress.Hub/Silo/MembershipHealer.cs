using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using RemoteIngress.Hub.Registry;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Puts back the membership rows that Redis has lost. Running silos go on without them, but no client finds a gateway, and a silo that starts
/// would make a second cluster. One of these runs beside every silo.
/// </summary>
/// <param name="run">The silo beside it.</param>
/// <param name="redis">Where the rows are.</param>
/// <param name="counters">Told of what was put back.</param>
/// <param name="lostData">Called when Redis has lost data, of which this is only a part; must not block.</param>
/// <param name="time">Source of time.</param>
/// <param name="logger">Every loss is a line.</param>
internal sealed partial class MembershipHealer(
    SiloRun run, RedisLink redis, SiloCounters counters, Action lostData, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly IClusterMembershipService _membership = run.Get<IClusterMembershipService>();
    private readonly MembershipTable _table = new(
        run.Get<IOptions<RedisClusteringOptions>>().Value.CreateRedisKey(run.Get<IOptions<ClusterOptions>>().Value));
    private readonly SiloAddress _self = run.Get<ILocalSiloDetails>().SiloAddress;
    private readonly ILogger _logger = logger;
    private volatile Dictionary<string, RedisValue> _known = [];

    /// <summary>Whether it has seen the row of its own silo: from then on it can put it back.</summary>
    public bool KnowsItsRow => _known.ContainsKey(_self.ToString()!);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Period, time, cancellationToken);
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception e) when (RegistryFailures.IsUnavailable(e))
            {
                // Redis is away, which RedisLink tells, or the silo is ending
            }
        }
    }

    /// <summary>One look at the table.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        // Before the table is read: nobody's view is ever ahead of it, unless it has lost something.
        var view = _membership.CurrentSnapshot;
        var active = view.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress.ToString()!).ToList();
        if (view.GetSiloStatus(_self) != SiloStatus.Active)
        {
            return;
        }

        var rows = await _table.ReadAsync(redis.Database);
        if (rows.Version >= view.Version.Value && rows.ByAddress.ContainsKey(_self.ToString()!))
        {
            _known = active.Where(rows.ByAddress.ContainsKey).ToDictionary(address => address, address => rows.ByAddress[address], StringComparer.Ordinal);
            return;
        }

        if (!KnowsItsRow)
        {
            return;
        }

        // All that this hub knows at once: a table in which others are missing would look as if they had left.
        var lost = active.Where(_known.ContainsKey).Select(address => (address, _known[address])).ToList();
        var (version, count) = await _table.RestoreAsync(redis.Database, lost, view.Version.Value);
        counters.RowsRestored(count);
        LogRestored(count, version);
        lostData();
        await _membership.Refresh(new MembershipVersion(version), cancellationToken);
    }

    [LoggerMessage(3250, LogLevel.Error, "Redis has lost membership of this cluster: {Count} rows were put back, the table's version is {Version}", EventName = "MembershipRestored")]
    private partial void LogRestored(int count, long version);
}
