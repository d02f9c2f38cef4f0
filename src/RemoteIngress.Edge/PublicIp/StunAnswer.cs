using System.Net;

namespace RemoteIngress.Edge.PublicIp;

/// <summary>What one question to a STUN server came to: an address, or one line that says why there is none.</summary>
internal readonly record struct StunAnswer(IPAddress? Address, string Error)
{
    internal static StunAnswer Failed(string error) => new(null, error);
}
