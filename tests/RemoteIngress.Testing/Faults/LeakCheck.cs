using RemoteIngress.Testing.Fixtures;

namespace RemoteIngress.Testing.Faults;

/// <summary>
/// What edge and hub must not hold after everything that a test did to them. Fixtures look when they are disposed; this is for the middle
/// of a test.
/// </summary>
public sealed class LeakCheck
{
    private readonly TunnelFixture _tunnel;

    private LeakCheck(TunnelFixture tunnel) => _tunnel = tunnel;

    /// <summary>Waits until nothing is left of what was before.</summary>
    public static async Task<LeakCheck> StartAsync(TunnelFixture tunnel, CancellationToken cancellation)
    {
        var check = new LeakCheck(tunnel);
        await check.NothingIsLeftAsync(cancellation);
        return check;
    }

    /// <summary>No stream, no bytes, no descriptor and no timer more than when both were idle.</summary>
    public async Task NothingIsLeftAsync(CancellationToken cancellation)
    {
        await EdgeHasNothingLeftAsync(cancellation);
        await HubHasNothingLeftAsync(cancellation);
    }

    /// <summary>The edge alone, when the hub was replaced.</summary>
    public Task EdgeHasNothingLeftAsync(CancellationToken cancellation) => _tunnel.Edge.NothingIsLeftAsync(cancellation);

    /// <summary>The hub alone, when the edge is gone.</summary>
    public Task HubHasNothingLeftAsync(CancellationToken cancellation) => _tunnel.Hub.NothingIsLeftAsync(cancellation);
}
