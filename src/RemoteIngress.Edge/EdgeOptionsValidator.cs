using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.PublicIp;
using RemoteIngress.Protocol.Identity;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge;

/// <summary>Checks <see cref="EdgeOptions"/> without touching anything: no file is read, no port bound, no name resolved.</summary>
public static class EdgeOptionsValidator
{
    private const int MostHubs = 64;
    private static readonly TimeSpan MaxHoldTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxDrainTimeout = TimeSpan.FromHours(1);

    /// <summary>Everything that is wrong, one line each, named by flag; empty when all is well.</summary>
    public static IReadOnlyList<string> Validate(EdgeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        CheckIdentity(options, errors);
        CheckHubs(options, errors);
        CheckTransport(options, errors);
        if (!Enum.IsDefined(options.Firewall))
        {
            errors.Add("--firewall: unknown; use auto, off or required");
        }

        CheckLimits(options, errors);
        return errors;
    }

    private static void CheckIdentity(EdgeOptions options, List<string> errors)
    {
        if (options.EdgeId.Length == 0)
        {
            errors.Add("--edge-id: missing; give the id that the hub's list of allowed edges has, or a --token");
        }
        else if (!EdgeId.IsValid(options.EdgeId))
        {
            errors.Add($"--edge-id: give 1 to {EdgeId.MaxLength} of the characters A-Z a-z 0-9 . _ -");
        }

        if (options.Secret.Length == 0)
        {
            errors.Add("--secret: missing; give the secret of this edge, or a --token");
        }
        else if (options.Secret.Length > ConnectionToken.MaxSecretLength)
        {
            errors.Add($"--secret: longer than {ConnectionToken.MaxSecretLength} characters; give the secret of the hub's list of allowed edges");
        }

        if (options.InstanceId is { } instanceId && !InstanceId.IsValid(instanceId))
        {
            errors.Add($"--instance-id: give 1 to {InstanceId.MaxLength} of the characters A-Z a-z 0-9 . _ -, or leave it out for a random one");
        }
    }

    private static void CheckHubs(EdgeOptions options, List<string> errors)
    {
        if (options.Hubs.Count == 0)
        {
            errors.Add("--hub: missing; give at least one HOST:PORT, or a --token");
        }

        foreach (var hub in options.Hubs)
        {
            if (!HubAddress.IsValidHost(hub.Host) || hub.Port is < 1 or > 65535)
            {
                errors.Add($"--hub: '{hub}' is no address; give HOST:PORT, for example hub.example.org:8443 or [2001:db8::1]:8443");
            }
        }

        if (options.MaxHubs is < 1 or > MostHubs)
        {
            errors.Add($"--max-hubs: {options.MaxHubs} is out of range; give 1 to {MostHubs}");
        }
        else if (options.Hubs.Count > options.MaxHubs)
        {
            errors.Add($"--max-hubs: {options.MaxHubs} is less than the {options.Hubs.Count} hubs that are given; give a higher number, or fewer hubs");
        }

        foreach (var same in options.Hubs.GroupBy(static hub => hub).Where(static same => same.Count() > 1))
        {
            errors.Add($"--hub: {same.Key} is given twice; name every hub once");
        }
    }

    private static void CheckTransport(EdgeOptions options, List<string> errors)
    {
        if (options.Transport == EdgeTransport.Quic)
        {
            errors.Add("--transport: quic is not in this version; use quicWithFallback or tcpTls, both run over TLS");
        }
        else if (!Enum.IsDefined(options.Transport))
        {
            errors.Add("--transport: unknown; use quicWithFallback or tcpTls");
        }

        if (!StatusAddress.IsOff(options.StatusUrl) && !StatusAddress.TryParse(options.StatusUrl, out _))
        {
            errors.Add("--status-url: give http://ADDRESS:PORT, for example http://127.0.0.1:9081 or http://[::1]:9081, or none to turn it off");
        }

        if (!StunServer.IsOff(options.StunServer) && !StunServer.TryParse(options.StunServer, out _))
        {
            errors.Add("--stun-server: give HOST:PORT, for example stun.example.org:3478 or [2001:db8::1]:3478, or none to turn it off");
        }
    }

    private static void CheckLimits(EdgeOptions options, List<string> errors)
    {
        errors.AddRange(EdgePerformance.Fields.Select(field => field.Check(options)).OfType<string>());
        CheckRange("--hold-timeout", options.HoldTimeout, MaxHoldTimeout, errors);
        CheckRange("--drain-timeout", options.DrainTimeout, MaxDrainTimeout, errors);
    }

    private static void CheckRange(string name, TimeSpan value, TimeSpan max, List<string> errors)
    {
        if (value < TimeSpan.Zero || value > max)
        {
            errors.Add($"{name}: {value.TotalSeconds:0.###}s is out of range; give 0s to {max.TotalSeconds:0}s");
        }
    }
}
