using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>Asks the system for the addresses of a name, on the thread pool and for a bounded time.</summary>
internal sealed class NameLookUp(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The addresses of a name, or none and why.</summary>
    internal async Task<(IReadOnlyList<IPAddress> Addresses, string Error)> FindAsync(string host, CancellationToken cancellationToken)
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
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Without an answer nobody would ever dial again.
            return ([], $"{host}: {exception.Message}");
        }
    }
}
