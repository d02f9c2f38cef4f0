namespace RemoteIngress.Testing.Simulation;

/// <summary>What happened in one simulation. Two runs of one seed give the same.</summary>
/// <param name="Tunnels">How many were dialled.</param>
/// <param name="Connections">How many clients came.</param>
/// <param name="Now">Simulated microseconds.</param>
/// <param name="Parked">A tunnel's budget kept a stream from sending.</param>
/// <param name="GivenUp">A stream ended because of bytes that nobody took.</param>
internal sealed record SimSummary(int Tunnels, int Connections, long Now, bool Parked, bool GivenUp);
