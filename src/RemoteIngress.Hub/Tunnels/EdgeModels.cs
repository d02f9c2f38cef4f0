using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using Wire = RemoteIngress.Protocol.Control;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>Makes <see cref="EdgeModel"/>s. Pure but for the shared names of targets; thread-safe.</summary>
internal sealed class EdgeModels(string targetHost, IReadOnlyList<string> hubs, TargetResolver resolver)
{
    internal EdgeModel Create(EdgeRecord record)
    {
        var config = ControlCodec.Encode(Snapshot(record));
        return new EdgeModel(
            record,
            config.Length <= FrameLimits.MaxLength(FrameType.Config) ? config : ReadOnlyMemory<byte>.Empty,
            ForwardingPlan.Create(record.Settings, targetHost, resolver));
    }

    private EdgeSnapshot Snapshot(EdgeRecord record) => new()
    {
        Generation = record.Generation,
        ListenPorts = Items(record.Settings.ListenPorts),
        ListenPortsUdp = Items(record.Settings.ListenPortsUdp),
        StunIntervalSecs = record.Settings.StunIntervalSecs ?? EdgeSnapshot.DefaultStunIntervalSecs,
        FirewallConfig = record.Settings.FirewallConfig is { } firewall ? Firewall(firewall) : null,
        PortOptions = record.Settings.PortOptions?.ToDictionary(pair => pair.Key, pair => Options(pair.Value)),
        Hubs = hubs,
    };

    private static Wire.PortOptions Options(Contracts.PortOptions options) => new()
    {
        Target = options.Target,
        ProxyProtocol = options.ProxyProtocol,
        Open = options.Open,
    };

    private static Wire.FirewallConfig Firewall(Contracts.FirewallConfig config) => new()
    {
        BlockedIps = Items(config.BlockedIps),
        RateLimits = [.. Items(config.RateLimits).Select(limit => new Wire.RateLimit
        {
            Id = limit.Id,
            Port = limit.Port,
            Protocol = limit.Protocol,
            Rate = limit.Rate,
            Burst = limit.Burst,
            PerSourceIP = limit.PerSourceIP,
        })],
        Rules = [.. Items(config.Rules).Select(rule => new Wire.FirewallRule
        {
            Id = rule.Id,
            Direction = rule.Direction,
            Action = rule.Action,
            SourceIP = rule.SourceIP,
            DestPort = rule.DestPort,
            Protocol = rule.Protocol,
            Comment = rule.Comment,
        })],
    };

    private static ImmutableArray<T> Items<T>(ImmutableArray<T> list) => list.IsDefault ? [] : list;
}
