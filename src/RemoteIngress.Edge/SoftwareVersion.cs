using System.Reflection;

namespace RemoteIngress.Edge;

/// <summary>What this build calls itself on the wire.</summary>
internal static class SoftwareVersion
{
    internal static string? Number { get; } =
        typeof(SoftwareVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    internal static string Text { get; } = $"remoteingress/{Number}";
}
