using RemoteIngress.Protocol.Stun;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.PublicIp;

/// <summary>Reads the value of <c>--stun-server</c>.</summary>
internal static class StunServer
{
    public static bool IsOff(string? text) =>
        string.IsNullOrWhiteSpace(text) || text.Equals("none", StringComparison.OrdinalIgnoreCase) || text.Equals("off", StringComparison.OrdinalIgnoreCase);

    public static bool TryParse(string? text, out HubAddress server) => HubAddress.TryParse(text, StunBinding.DefaultPort, out server);
}
