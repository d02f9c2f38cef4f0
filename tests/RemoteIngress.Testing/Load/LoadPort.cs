using System.Net;

namespace RemoteIngress.Testing.Load;

/// <summary>A public port that clients go to.</summary>
public sealed record LoadPort(IPEndPoint EndPoint, LoadKind Kind);
