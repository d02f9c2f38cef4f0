namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>Tests that share the cluster of <see cref="FailoverRig"/>.</summary>
[CollectionDefinition]
public sealed class FailoverCluster : ICollectionFixture<FailoverRig>;
