using System.Net;
using RemoteIngress.Hub.Registry.Validation;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Hub.Admin;

/// <summary>Makes connection tokens, with the addresses under which edges reach the hubs.</summary>
internal sealed class TokenIssuer(HubOptions options, Func<int> tunnelPort)
{
    public const string NoAddress =
        "this hub does not know the address under which edges reach it; start it with --advertise HOST:PORT, or name them in the body: { \"hubs\": [\"HOST:PORT\"] }";

    /// <summary>
    /// The addresses that a token names: those asked for, else the advertised one, else the tunnel address when it is one and not all.
    /// </summary>
    public IReadOnlyList<HubAddress> Addresses(IReadOnlyList<string> asked)
    {
        if (asked.Count > 0)
        {
            return [.. asked.Select(text => HubAddress.TryParse(text, out var address) ? address : default).Where(address => address.Host is not null)];
        }

        if (options.Advertise is { } advertise && HubAddress.TryParse(advertise, out var advertised))
        {
            return [advertised];
        }

        return IPAddress.TryParse(options.TunnelAddress, out var bound) && !bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any)
            ? [new HubAddress(options.TunnelAddress, tunnelPort())]
            : [];
    }

    public static void Check(IReadOnlyList<string> asked, ValidationErrors errors)
    {
        for (var i = 0; i < asked.Count; i++)
        {
            if (!HubAddress.TryParse(asked[i], out _))
            {
                errors.Add($"hubs[{i}]", $"{ValidationErrors.Quote(asked[i])} is not an address; give HOST:PORT");
            }
        }
    }

    public static string Issue(string edgeId, string secret, IReadOnlyList<HubAddress> hubs) => new ConnectionToken
    {
        Host = hubs[0].Host,
        Port = hubs[0].Port,
        EdgeId = edgeId,
        Secret = secret,
        Hubs = [.. hubs.Skip(1)],
    }.Encode();
}
