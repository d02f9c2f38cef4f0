using System.Net;
using System.Net.Sockets;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>Turns hub names into addresses on the thread pool; a loop never waits for a name server.</summary>
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

    private async Task ResolveAsync(string host, EventLoop loop, Action<IReadOnlyList<IPAddress>, string> callback)
    {
        IPAddress[] addresses = [];
        var error = "the name has no address";
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, timeout.Token);
        }
        catch (SocketException exception)
        {
            error = exception.Message;
        }
        catch (OperationCanceledException)
        {
            error = "the name server did not answer in 5 s";
        }
        catch (Exception exception)
        {
            // Without an answer nobody would ever dial again.
            error = exception.Message;
        }

        loop.Post(() => callback(addresses, $"{host}: {error}"));
    }
}
