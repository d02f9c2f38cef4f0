namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>A state that can tell which of two copies is the later one.</summary>
internal interface IRevisioned
{
    long Revision { get; }
}
