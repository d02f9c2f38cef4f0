using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.LastKnown;

/// <summary>Lets what is pushed change what is known, before the data plane hears of it. Every silo hears of every edge, also of those without a tunnel here.</summary>
internal sealed class RememberingSink(IEdgeChangeSink inner, LastKnownEdges known) : IEdgeChangeSink
{
    public void Changed(EdgeRecord record)
    {
        known.Update(record);
        inner.Changed(record);
    }

    public void Removed(string edgeId, long generation)
    {
        known.Forget(edgeId, generation);
        inner.Removed(edgeId, generation);
    }

    public EdgeRecord? Known(string edgeId) => inner.Known(edgeId);

    public IReadOnlyCollection<(string EdgeId, long Generation)> LiveEdges() => inner.LiveEdges();
}
