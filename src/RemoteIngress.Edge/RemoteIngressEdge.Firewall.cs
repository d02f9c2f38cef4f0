using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Firewall;

namespace RemoteIngress.Edge;

/// <content>The packet filter's part in the life of an edge.</content>
public sealed partial class RemoteIngressEdge
{
    private PacketFilter? _firewall;

    /// <summary>The program of the system, unless a test says something else.</summary>
    internal INft? Nft { get; init; }

    /// <summary>The lock that edges of this machine share, unless a test has its own.</summary>
    internal TableLock? Table { get; init; }

    /// <summary>Returns whom it lets through, for those who find hubs to add to.</summary>
    private KnownPeers CreateFirewall()
    {
        var peers = new KnownPeers(NameServers.Read);
        peers.Expect(_options.Hubs);
        _firewall = new PacketFilter(
            _options.Firewall, Nft ?? new NftRunner(_time), Table ?? new TableLock(), peers, _time, _loggers.CreateLogger<PacketFilter>());
        return peers;
    }

    private async Task StartFirewallAsync(CancellationToken cancellationToken)
    {
        var started = _firewall!.StartAsync(_stopping.Token);
        if (_options.Firewall != FirewallMode.Required)
        {
            return;
        }

        await started.WaitAsync(cancellationToken);
        if (_firewall.State.Error is { } error)
        {
            throw new EdgeStartException(
                $"--firewall: required, and the packet filter cannot be used: {error}; install nft and give this process CAP_NET_ADMIN, or use auto");
        }
    }

    private async Task StopFirewallAsync()
    {
        if (_firewall is null)
        {
            return;
        }

        if (await _firewall.StopAsync() is { } error)
        {
            LogTableStays(error);
        }

        _firewall.Dispose();
    }

    [LoggerMessage(2205, LogLevel.Warning, "the packet filter stays behind: {Error}", EventName = "FirewallStays")]
    private partial void LogTableStays(string error);
}
