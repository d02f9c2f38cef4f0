namespace RemoteIngress.Hub.Registry;

/// <summary>Names that stand in Redis' keys: changing one loses the state behind it.</summary>
internal static class RegistryNames
{
    public const string StorageProvider = "edges";
    public const string EdgeGrainType = "edge";
    public const string EdgeStateName = "edge";
    public const string FleetGrainType = "fleet";
    public const string FleetStateName = "fleet";
    public const string HubsGrainType = "hubs";
    public const string SealStateName = "seal";
}
