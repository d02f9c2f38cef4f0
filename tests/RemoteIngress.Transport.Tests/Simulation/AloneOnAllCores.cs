namespace RemoteIngress.Transport.Tests.Simulation;

/// <summary>Runs beside nothing else: it uses all cores itself.</summary>
[CollectionDefinition(nameof(AloneOnAllCores), DisableParallelization = true)]
public sealed class AloneOnAllCores;
