namespace RemoteIngress.Testing.Simulation;

/// <summary>The place of one tunnel between one edge and one hub, filled again when the tunnel is gone.</summary>
internal sealed class SimSlot(int edge, int hub, SimProcess edgeProcess, SimProcess hubProcess)
{
    internal int Edge { get; } = edge;

    internal int Hub { get; } = hub;

    internal SimProcess EdgeProcess { get; } = edgeProcess;

    internal SimProcess HubProcess { get; } = hubProcess;

    internal SimTunnel? Tunnel { get; set; }

    internal long DialsAt { get; set; }

    internal SimTunnel? Ready => Tunnel is { Edge.IsReady: true } ? Tunnel : null;
}
