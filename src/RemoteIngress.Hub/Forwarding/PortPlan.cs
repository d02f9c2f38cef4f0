namespace RemoteIngress.Hub.Forwarding;

/// <summary>Where the connections of one public port go.</summary>
/// <param name="Host">The target's name or address.</param>
/// <param name="Port">The target's port.</param>
/// <param name="Header">What is sent before the client's bytes.</param>
internal sealed record PortPlan(TargetName Host, int Port, ProxyHeaderKind Header)
{
    /// <summary>As people write it.</summary>
    internal string Target => Host.Host.Contains(':') ? $"[{Host.Host}]:{Port}" : $"{Host.Host}:{Port}";
}
