using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>One running process of an edge with all its authenticated tunnels. Guarded by the lock of <see cref="SessionDirectory"/>.</summary>
internal sealed class EdgeInstance(string instanceId, string remoteAddress, DateTimeOffset connectedAt)
{
    internal string InstanceId { get; } = instanceId;

    /// <summary>Where its first tunnel came from.</summary>
    internal string RemoteAddress { get; } = remoteAddress;

    internal DateTimeOffset ConnectedAt { get; } = connectedAt;

    internal List<EdgeSession> Sessions { get; } = [];

    /// <summary>The tunnel that CONFIG went over last; <see langword="null"/> when that one is gone.</summary>
    internal EdgeSession? Carrier { get; set; }

    /// <summary>The generation sent last.</summary>
    internal long Sent { get; set; }

    /// <summary>The generation acknowledged last.</summary>
    internal long Acknowledged { get; set; }

    /// <summary>What the edge said of itself, and when; <see langword="null"/> before it did.</summary>
    internal (EdgeStatusReport Said, DateTimeOffset At)? Report { get; set; }

    /// <summary>As the registry hears of it.</summary>
    internal EdgePresence Presence(string hubId, string hubInstanceId, bool connected, DateTimeOffset at) => new()
    {
        HubId = hubId,
        HubInstanceId = hubInstanceId,
        InstanceId = InstanceId,
        Connected = connected,
        At = at,
        RemoteAddress = RemoteAddress,
        Transport = EdgeSession.Transport,
    };

    /// <summary>As status shows it.</summary>
    internal ConnectedEdge Describe(string edgeId)
    {
        var roundTrips = Sessions.Select(session => session.RoundTrip).Where(value => value > 0).ToList();
        return new ConnectedEdge
        {
            EdgeId = edgeId,
            InstanceId = InstanceId,
            RemoteAddress = RemoteAddress,
            PublicIp = Report?.Said.PublicIp,
            Transport = EdgeSession.Transport,
            ConnectedAt = ConnectedAt,
            ActiveStreams = Sessions.Sum(session => session.ActiveConnections),
            ActiveUdpSessions = Sessions.Sum(session => session.ActiveUdpSessions),
            RttMs = roundTrips.Count == 0 ? null : Math.Round(roundTrips.Min() / 1000.0, 3),
            Software = Report?.Said.Software,
            Report = Report is { } report ? new EdgeReport(report.Said.ActiveStreams, report.Said.ActiveUdpSessions, report.At) : null,
            Generation = Sent,
            AcknowledgedGeneration = Acknowledged,
        };
    }
}
