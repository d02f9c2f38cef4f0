using System.Net;
using System.Net.Sockets;
using RemoteIngress.Protocol.Stun;

namespace RemoteIngress.Edge.PublicIp;

/// <summary>
/// One Binding transaction over UDP (RFC 8489 section 6.2.1): the request, sent again after 0.5, 1, 2, … seconds, seven times in all, and
/// 8 s for an answer to the last. Each has a socket and a transaction id of its own, so that an answer can be guessed by nobody who does not
/// see the question. The socket is not connected: what comes from elsewhere is to be counted, and no ICMP message is to end the wait.
/// </summary>
internal sealed class StunQuery(TimeProvider time, StunCounters counters)
{
    private const int Requests = 7;
    private const int LastWait = 16;
    private const int MaxDatagram = 2048;
    private static readonly TimeSpan FirstTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>How long it takes until a server that does not answer is given up: 39.5 s.</summary>
    internal static TimeSpan Patience => Deadline(Requests - 1);

    /// <summary>Asks <paramref name="server"/> from the address <paramref name="local"/>, which is of the same family and may be "any".</summary>
    internal async Task<StunAnswer> AskAsync(IPEndPoint server, IPAddress local, CancellationToken cancellationToken)
    {
        StunAnswer answer;
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(local, 0));
            answer = await AskAsync(socket, server, cancellationToken);
        }
        catch (SocketException exception)
        {
            answer = StunAnswer.Failed(exception.Message);
        }

        counters.OnDone(answer);
        return answer;
    }

    private async Task<StunAnswer> AskAsync(Socket socket, IPEndPoint server, CancellationToken cancellationToken)
    {
        var id = StunTransactionId.Create();
        var request = new byte[StunBinding.RequestSize];
        StunBinding.WriteRequest(request, id);

        // Counted from the first request: waits that are a little late do not add up.
        var started = time.GetTimestamp();
        for (var i = 0; i < Requests; i++)
        {
            await socket.SendToAsync(request, SocketFlags.None, server, cancellationToken);
            if (await ReceiveAsync(socket, server, id, Deadline(i) - time.GetElapsedTime(started), cancellationToken) is { } answer)
            {
                return answer;
            }
        }

        return StunAnswer.Failed($"no answer in {Patience.TotalSeconds} s");
    }

    /// <summary>The first datagram that counts as the answer; null when none came in time.</summary>
    private async Task<StunAnswer?> ReceiveAsync(Socket socket, IPEndPoint server, StunTransactionId id, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero)
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(wait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var buffer = new byte[MaxDatagram];
        var anywhere = new IPEndPoint(server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anywhere, both.Token);
                if (Judge(buffer.AsSpan(0, received.ReceivedBytes), received.RemoteEndPoint, server, id) is { } answer)
                {
                    return answer;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private StunAnswer? Judge(ReadOnlySpan<byte> datagram, EndPoint from, IPEndPoint server, StunTransactionId id)
    {
        if (!server.Equals(from))
        {
            return Ignore(StunIgnored.WrongSource);
        }

        return StunBinding.TryReadResponse(datagram, id, out var response) switch
        {
            StunReadStatus.Ok => Judge(response!, server.AddressFamily),
            StunReadStatus.Malformed => Ignore(StunIgnored.Malformed),
            StunReadStatus.OtherTransaction => Ignore(StunIgnored.WrongTransaction),
            StunReadStatus.BadFingerprint => Ignore(StunIgnored.BadFingerprint),
            StunReadStatus.NotUnderstood => StunAnswer.Failed("the answer holds an attribute that must be understood and is not"),
            _ => StunAnswer.Failed("the answer holds no address"),
        };
    }

    private static StunAnswer Judge(StunResponse response, AddressFamily asked)
    {
        if (response.Error is { } error)
        {
            return StunAnswer.Failed($"the server answers with error {error.Code} {error.Reason}".TrimEnd());
        }

        var address = response.Mapped!.Address;

        // A network that translates between the families shows an address at which no client can reach this edge.
        return address.AddressFamily != asked ? StunAnswer.Failed($"the server sees {address}, an address of the other family")
            : IsOfAHost(address) ? new StunAnswer(address, "")
            : StunAnswer.Failed($"the server says {address}, which is no host's address");
    }

    private static bool IsOfAHost(IPAddress address) =>
        !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv6Multicast
        && (address.AddressFamily != AddressFamily.InterNetwork || address.GetAddressBytes()[0] is > 0 and < 224);

    private StunAnswer? Ignore(StunIgnored reason)
    {
        counters.OnIgnored(reason);
        return null;
    }

    /// <summary>When the wait after request number <paramref name="request"/> ends, counted from the first.</summary>
    private static TimeSpan Deadline(int request)
    {
        var sent = FirstTimeout * ((1 << request) - 1);
        return sent + (FirstTimeout * (request == Requests - 1 ? LastWait : 1 << request));
    }
}
