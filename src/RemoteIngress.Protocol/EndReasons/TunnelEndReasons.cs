using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Protocol.EndReasons;

/// <summary>The one place that says how a <see cref="TunnelEndReason"/> is written on the wire, in logs and in metrics.</summary>
public static class TunnelEndReasons
{
    /// <summary>The value of the metric attribute <c>error.type</c>, in snake case; also the <see cref="GoAway.Reason"/>.</summary>
    public static string MetricTag(this TunnelEndReason reason) => Map(reason).Tag;

    /// <summary>How loudly this end deserves to be told.</summary>
    public static EndSeverity Severity(this TunnelEndReason reason) => Map(reason).Severity;

    /// <summary>One sentence for a person.</summary>
    public static string Describe(this TunnelEndReason reason) => Map(reason).Text;

    /// <summary>The code that a hub rejects a handshake with for this reason, or null when it does not reject for it.</summary>
    public static RejectCode? ToRejectCode(this TunnelEndReason reason) => reason switch
    {
        TunnelEndReason.BadCredentials => RejectCode.BadCredentials,
        TunnelEndReason.VersionMismatch => RejectCode.VersionMismatch,
        TunnelEndReason.HandshakeTimeout => RejectCode.Timeout,
        TunnelEndReason.PreAuthLimit or TunnelEndReason.ProtocolError => RejectCode.ProtocolError,
        TunnelEndReason.Draining or TunnelEndReason.Shutdown => RejectCode.Draining,
        TunnelEndReason.RegistryUnavailable => RejectCode.RegistryUnavailable,
        TunnelEndReason.Busy => RejectCode.Busy,
        TunnelEndReason.InternalError => RejectCode.InternalError,
        _ => null,
    };

    /// <summary>What an edge that was rejected with <paramref name="code"/> takes as the reason.</summary>
    public static TunnelEndReason FromRejectCode(RejectCode code) => code switch
    {
        RejectCode.BadCredentials => TunnelEndReason.BadCredentials,
        RejectCode.VersionMismatch => TunnelEndReason.VersionMismatch,
        RejectCode.Timeout => TunnelEndReason.HandshakeTimeout,
        RejectCode.ProtocolError => TunnelEndReason.ProtocolError,
        RejectCode.Draining => TunnelEndReason.Draining,
        RejectCode.RegistryUnavailable => TunnelEndReason.RegistryUnavailable,
        RejectCode.Busy => TunnelEndReason.Busy,
        RejectCode.InternalError => TunnelEndReason.InternalError,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "This code is not mapped."),
    };

    /// <summary>What the receiver of a GOAWAY takes its reason for; texts of later versions are <see cref="TunnelEndReason.Closed"/>.</summary>
    public static TunnelEndReason FromGoAway(string reason)
    {
        foreach (var candidate in Enum.GetValues<TunnelEndReason>())
        {
            if (candidate != TunnelEndReason.None && candidate.MetricTag() == reason)
            {
                return candidate;
            }
        }

        return TunnelEndReason.Closed;
    }

    private static (string Tag, EndSeverity Severity, string Text) Map(TunnelEndReason reason) => reason switch
    {
        TunnelEndReason.None => ("none", EndSeverity.Quiet, "The tunnel has not ended."),
        TunnelEndReason.Closed => ("closed", EndSeverity.Notice, "The peer closed the tunnel."),
        TunnelEndReason.BadCredentials => ("bad_credentials", EndSeverity.Error, "The edge id or its secret is not the one the hub has registered."),
        TunnelEndReason.BadHubProof => ("bad_hub_proof", EndSeverity.Error, "The hub did not prove that it knows the edge's secret; somebody may be in between."),
        TunnelEndReason.VersionMismatch => ("version_mismatch", EndSeverity.Error, "Edge and hub have no protocol version in common; upgrade the older one."),
        TunnelEndReason.HandshakeTimeout => ("handshake_timeout", EndSeverity.Warning, "The handshake was not completed in time."),
        TunnelEndReason.PreAuthLimit => ("pre_auth_limit", EndSeverity.Warning, "The peer sent too much before it was authenticated."),
        TunnelEndReason.PeerSilent => ("peer_silent", EndSeverity.Warning, "Nothing was heard from the peer for too long."),
        TunnelEndReason.ProtocolError => ("protocol_error", EndSeverity.Error, "The peer sent something the protocol does not allow."),
        TunnelEndReason.TlsFailed => ("tls_failed", EndSeverity.Warning, "TLS could not be established or broke."),
        TunnelEndReason.ConnectFailed => ("connect_failed", EndSeverity.Warning, "The hub could not be reached."),
        TunnelEndReason.ConnectionLost => ("connection_lost", EndSeverity.Warning, "The connection broke."),
        TunnelEndReason.Draining => ("draining", EndSeverity.Notice, "The hub is being drained."),
        TunnelEndReason.Replaced => ("replaced", EndSeverity.Notice, "A newer tunnel of the same edge instance took its place."),
        TunnelEndReason.EdgeRemoved => ("edge_removed", EndSeverity.Notice, "The edge was removed from the registry."),
        TunnelEndReason.SecretChanged => ("secret_changed", EndSeverity.Notice, "The edge's secret was changed and the old one is no longer valid."),
        TunnelEndReason.HubRemoved => ("hub_removed", EndSeverity.Notice, "The hub is no longer in the edge's list of hubs."),
        TunnelEndReason.RegistryUnavailable => ("registry_unavailable", EndSeverity.Warning, "The hub cannot reach its registry and does not know this edge."),
        TunnelEndReason.Busy => ("busy", EndSeverity.Warning, "The hub has no room for another tunnel now."),
        TunnelEndReason.Shutdown => ("shutdown", EndSeverity.Quiet, "This process is stopping."),
        TunnelEndReason.InternalError => ("internal_error", EndSeverity.Error, "An internal error ended the tunnel."),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This reason is not mapped."),
    };
}
