using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Handshake;
using Wire = RemoteIngress.Protocol.Control;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>Makes <see cref="EdgeModel"/>s. Pure but for the shared names of targets; thread-safe.</summary>
internal sealed class EdgeModels(string targetHost, Func<HubList> hubs, TargetResolver resolver)
{
    internal EdgeModel Create(EdgeRecord record)
    {
        var named = hubs();
        return new EdgeModel(record, Encode(record, named), named, ForwardingPlan.Create(record.Settings, targetHost, resolver));
    }

    /// <summary>The same with the hubs that are to be named now; itself when it names them already.</summary>
    internal EdgeModel Renew(EdgeModel model)
    {
        var named = hubs();
        return named.Version <= model.Hubs.Version ? model : model with { Config = Encode(model.Record, named), Hubs = named };
    }

    private static ReadOnlyMemory<byte> Encode(EdgeRecord record, HubList named)
    {
        var config = ControlCodec.Encode(Snapshot(record, named));
        return config.Length <= FrameLimits.MaxLength(FrameType.Config) ? config : ReadOnlyMemory<byte>.Empty;
    }

    private static EdgeSnapshot Snapshot(EdgeRecord record, HubList named) => new()
    {
        Generation = record.Generation,
        ListenPorts = Items(record.Settings.ListenPorts),
        ListenPortsUdp = Items(record.Settings.ListenPortsUdp),
        StunIntervalSecs = record.Settings.StunIntervalSecs ?? EdgeSnapshot.DefaultStunIntervalSecs,
        FirewallConfig = record.Settings.FirewallConfig is { } firewall ? Firewall(firewall) : null,
        PortOptions = record.Settings.PortOptions?.ToDictionary(pair => pair.Key, pair => Options(pair.Value)),
        Hubs = named.Names,
        HubsVersion = named.Version == 0 ? null : named.Version,
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
