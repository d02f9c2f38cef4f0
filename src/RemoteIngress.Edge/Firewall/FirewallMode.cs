namespace RemoteIngress.Edge.Firewall;

/// <summary>What an edge does with the packet filter that hubs push.</summary>
public enum FirewallMode
{
    /// <summary>Applies it where it can; where nft or the rights are missing it says so and works without.</summary>
    Auto,

    /// <summary>Neither applies nor removes anything.</summary>
    Off,

    /// <summary>As <see cref="Auto"/>, but refuses to start where it cannot be applied.</summary>
    Required,
}
