using System.Net;
using RemoteIngress.Protocol.Stun;

namespace RemoteIngress.Edge.Tests.PublicIp;

/// <summary>One request as the server saw it.</summary>
internal sealed record StunRequest(IPEndPoint From, StunTransactionId Id);
