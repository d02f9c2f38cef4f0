using System.Net;
using RemoteIngress.ClusterTls;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub;

/// <summary>Checks <see cref="HubOptions"/> without touching anything: no file is read, no port bound.</summary>
public static class HubOptionsValidator
{
    /// <summary>The shortest token that is accepted off loopback, in characters.</summary>
    public const int MinAdminTokenLength = 16;

    /// <summary>Everything that is wrong, one line each, named by flag; empty when all is well.</summary>
    public static IReadOnlyList<string> Validate(HubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        CheckTunnel(options, errors);
        CheckCluster(options, errors);
        CheckAdmin(options, errors);
        CheckLimits(options, errors);
        CheckAllowedEdges(options, errors);
        return errors;
    }

    private static void CheckAllowedEdges(HubOptions options, List<string> errors)
    {
        var edges = options.AllowedEdges ?? [];
        errors.AddRange(AllowedEdgeValidator.Validate(edges).Select(error => $"--allowed-edges: {error}"));
        if (options.Redis is not null)
        {
            return;
        }

        for (var i = 0; i < edges.Count; i++)
        {
            if (edges[i] is { Secret: null })
            {
                errors.Add($"--allowed-edges: [{i}].secret: required, because without --redis no earlier one is stored");
            }
        }
    }

    private static void CheckTunnel(HubOptions options, List<string> errors)
    {
        CheckPort("--tunnel-port", options.TunnelPort, errors);
        CheckAddress("--tunnel-address", options.TunnelAddress, errors);
        if (!HostPort.IsHost(options.TargetHost))
        {
            errors.Add("--target-host: give a host name or an IP address without a port, for example 127.0.0.1");
        }

        if (options.Advertise is { } advertise && !HostPort.TryParse(advertise, out _, out _))
        {
            errors.Add("--advertise: give HOST:PORT, for example hub.example.org:8443 or [2001:db8::1]:8443");
        }

        if (options.TlsCert is null != options.TlsKey is null)
        {
            errors.Add("--tls-cert, --tls-key: give both PEM files, or neither for a self-signed certificate");
        }
    }

    private static void CheckCluster(HubOptions options, List<string> errors)
    {
        if (!Names.IsName(options.ClusterId, maxLength: 64))
        {
            errors.Add("--cluster-id: give 1 to 64 of the characters A-Z a-z 0-9 . _ -");
        }

        if (!Names.IsName(options.HubId, Names.MaxEdgeIdLength))
        {
            errors.Add("--hub-id: give 1 to 128 of the characters A-Z a-z 0-9 . _ -");
        }

        CheckPort("--silo-port", options.SiloPort, errors);
        CheckPort("--gateway-port", options.GatewayPort, errors);
        if (options.SiloPort != 0 && options.SiloPort == options.GatewayPort)
        {
            errors.Add("--gateway-port: must differ from --silo-port");
        }

        if (options.Redis is { } redis && RedisConnection.Check(redis) is { } problem)
        {
            errors.Add($"--redis: {problem}");
        }

        if (ClusterTlsFiles.IsPartial(options.ClusterCa, options.ClusterCert, options.ClusterKey))
        {
            errors.Add("--cluster-ca, --cluster-cert, --cluster-key: give all three PEM files, or none");
        }

        CheckSiloAddress(options, errors);
    }

    private static void CheckSiloAddress(HubOptions options, List<string> errors)
    {
        if (!IPAddress.TryParse(options.SiloAddress, out var address))
        {
            errors.Add("--silo-address: give an IP address of this host, for example 127.0.0.1");
            return;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Add("--silo-address: give the address under which the other hubs reach this one, not the any-address");
        }
        else if (!IPAddress.IsLoopback(address) && !options.InsecureCluster && (options.ClusterCa ?? options.ClusterCert ?? options.ClusterKey) is null)
        {
            errors.Add("--silo-address: off loopback the ports between hubs need mutual TLS; give --cluster-ca, --cluster-cert and --cluster-key "
                + "(infra/scripts/cluster-ca.sh makes them for a trial), or accept that everybody who reaches them owns the cluster with --insecure-cluster");
        }
    }

    private static void CheckAdmin(HubOptions options, List<string> errors)
    {
        if (options.AdminToken is { } token && (token.Length == 0 || token.Any(c => c is <= ' ' or > '~')))
        {
            errors.Add("--admin-token: give printable ASCII characters without spaces, for example from: openssl rand -hex 32");
        }

        if (AdminUrl.IsOff(options.AdminUrl))
        {
            return;
        }

        if (!AdminUrl.TryParse(options.AdminUrl, out var endpoint))
        {
            errors.Add("--admin-url: give http://ADDRESS:PORT, for example http://127.0.0.1:9080 or http://[::1]:9080, or none to turn it off");
        }
        else if (!IPAddress.IsLoopback(endpoint.Address) && options.AdminToken is { Length: > 0 and < MinAdminTokenLength })
        {
            errors.Add($"--admin-token: off loopback it takes at least {MinAdminTokenLength} characters, for example from: openssl rand -hex 32");
        }
        else if (!IPAddress.IsLoopback(endpoint.Address) && options.AdminToken is null)
        {
            errors.Add("--admin-token: required when --admin-url is not on loopback (or REMOTEINGRESS_ADMIN_TOKEN), for example from: openssl rand -hex 32");
        }
    }

    private static void CheckLimits(HubOptions options, List<string> errors)
    {
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > TimeSpan.FromHours(1))
        {
            errors.Add("--drain-timeout: give 0s to 1h, for example 30s");
        }

        errors.AddRange(HubPerformance.Fields.Select(field => field.Check(options)).OfType<string>());
        if (options.AuthDelaySeconds >= options.HandshakeSeconds && options is { AuthDelaySeconds: > 0, HandshakeSeconds: > 0 })
        {
            errors.Add("--performance: authDelaySeconds: must be less than handshakeSeconds, or whoever has to wait never gets in");
        }
    }

    private static void CheckPort(string name, int port, List<string> errors)
    {
        if (port is < 0 or > 65535)
        {
            errors.Add($"{name}: {port} is not a port; give 1 to 65535, or 0 for a free one");
        }
    }

    private static void CheckAddress(string name, string address, List<string> errors)
    {
        if (!IPAddress.TryParse(address, out _))
        {
            errors.Add($"{name}: '{address}' is not an IP address; give for example :: or 0.0.0.0");
        }
    }
}
