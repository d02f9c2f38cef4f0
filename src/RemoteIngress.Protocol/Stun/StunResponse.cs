using System.Net;

namespace RemoteIngress.Protocol.Stun;

/// <summary>The response to a Binding request: exactly one of the two is there.</summary>
/// <param name="Mapped">Address and port from which the server saw the request come.</param>
/// <param name="Error">Why there is none.</param>
public sealed record StunResponse(IPEndPoint? Mapped, StunError? Error);
