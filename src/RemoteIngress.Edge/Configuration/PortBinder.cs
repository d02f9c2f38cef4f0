using System.Net;
using RemoteIngress.Edge.Listeners;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Edge.Configuration;

/// <summary>Brings the listeners of all loops to what a snapshot wants, and says of each port how that went.</summary>
internal sealed class PortBinder(IReadOnlyList<EdgeLoop> loops, IPAddress address, TimeProvider time)
{
    // A port that opens before there is a way for its datagrams is better than none.
    private static readonly TimeSpan FirstTunnel = TimeSpan.FromSeconds(1);

    private HashSet<(int Port, bool IsUdp)> _bound = [];

    internal async Task<IReadOnlyList<PortResult>> ApplyAsync(IReadOnlyList<PortSpec> wanted)
    {
        // The only loop for them may have died, and its ports be somebody else's.
        _bound.RemoveWhere(port => loops.All(loop => loop.Listeners == 0 || !loop.Serves(port.IsUdp)));

        // Our loops share a port by SO_REUSEPORT, which would let another edge of the same user share it too, in silence. A bind
        // without it finds whoever has the port already.
        var errors = wanted.Where(spec => !_bound.Contains(spec.Key)).ToDictionary(spec => spec.Key, Probe);
        var usable = wanted.Where(spec => errors.GetValueOrDefault(spec.Key) == 0).ToArray();
        if (usable.Any(static spec => spec.IsUdp))
        {
            await Task.WhenAll(loops.Select(WaitForTunnelAsync));
        }

        var failed = await ApplyAsync(usable, errors);
        if (failed)
        {
            // A port is open on all loops or on none: half of one would look open, and be in its own way at the next attempt.
            usable = [.. usable.Where(spec => errors.GetValueOrDefault(spec.Key) == 0)];
            await ApplyAsync(usable, errors);
        }

        _bound = [.. usable.Select(spec => spec.Key)];
        return [.. wanted.Select(spec => Result(spec, errors.GetValueOrDefault(spec.Key)))];
    }

    private async Task<bool> ApplyAsync(PortSpec[] specs, Dictionary<(int Port, bool IsUdp), int> errors)
    {
        var failed = false;
        foreach (var loop in loops)
        {
            IReadOnlyDictionary<(int Port, bool IsUdp), int> results;
            try
            {
                results = await loop.Loop.InvokeAsync(() => loop.Apply(specs));
            }
            catch (ObjectDisposedException)
            {
                // It died; the one in its place will ask for the same again.
                continue;
            }

            foreach (var (port, error) in results.Where(result => result.Value != 0))
            {
                errors[port] = error;
                failed = true;
            }
        }

        return failed;
    }

    private async Task WaitForTunnelAsync(EdgeLoop loop)
    {
        try
        {
            await (await loop.Loop.InvokeAsync(loop.HasTunnelForUdp)).WaitAsync(FirstTunnel, time);
        }
        catch (Exception exception) when (exception is TimeoutException or ObjectDisposedException)
        {
            // no hub takes it now, or the loop died: the next tunnel will do
        }
    }

    private int Probe(PortSpec spec)
    {
        var local = new IPEndPoint(address, spec.Port);
        if (spec.IsUdp)
        {
            if (UdpSocket.TryBind(local, shared: false, out var udp, out var udpError))
            {
                udp.Close();
            }

            return udpError;
        }

        if (ListenSocket.TryBind(local, shared: false, out var socket, out var error))
        {
            socket.Close();
        }

        return error;
    }

    private static PortResult Result(PortSpec spec, int error) =>
        new() { Port = spec.Port, Protocol = spec.Protocol, Ok = error == 0, Error = error == 0 ? null : Errno.Describe(error) };
}
