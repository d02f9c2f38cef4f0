using System.Net;

namespace RemoteIngress.Testing.Load;

/// <summary>One connection of a <see cref="LoadClient"/>, from its begin to its end.</summary>
/// <param name="Id">Its request's, unique.</param>
/// <param name="Port">Where it went.</param>
/// <param name="Client">Where it came from, as the target is told.</param>
/// <param name="Started">When, since the load began.</param>
/// <param name="Elapsed">Until the end of the answer, or until it failed.</param>
/// <param name="Failure">What went wrong, in one word and the step at which it did; null when the whole answer came and an orderly end after it.</param>
public sealed record LoadResult(string Id, LoadPort Port, IPEndPoint? Client, TimeSpan Started, TimeSpan Elapsed, string? Failure)
{
    public LoadKind Kind => Port.Kind;

    public override string ToString() =>
        $"{Kind} {Id} to {Port.EndPoint} from {Client}: begun at {Started.TotalSeconds:0.000} s, {Failure ?? "done"} after {Elapsed.TotalMilliseconds:0} ms";
}
