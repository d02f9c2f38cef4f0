using System.Net;
using System.Net.Sockets;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>Turns names into addresses on the thread pool; a loop never waits for a name server.</summary>
internal sealed class HubResolver(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Answers on the loop: the addresses, or none and why.</summary>
    internal void Resolve(string host, EventLoop loop, Action<IReadOnlyList<IPAddress>, string> callback)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            callback([literal], "");
            return;
        }

        _ = ResolveAsync(host, loop, callback);
    }

    /// <summary>The addresses of a name, or none and why.</summary>
    internal async Task<(IReadOnlyList<IPAddress> Addresses, string Error)> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return ([literal], "");
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return (await Dns.GetHostAddressesAsync(host, both.Token), $"{host}: the name has no address");
        }
        catch (SocketException exception)
        {
            return ([], $"{host}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], $"{host}: the name server did not answer in 5 s");
        }
    }

    private async Task ResolveAsync(string host, EventLoop loop, Action<IReadOnlyList<IPAddress>, string> callback)
    {
        var (addresses, error) = await LookUpAsync(host, CancellationToken.None);
        loop.Post(() => callback(addresses, error));
    }
}
