using System.Net;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Tests.Sockets;

public sealed class ListenSocketTests : IDisposable
{
    private readonly List<ListenSocket> _listeners = [];

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "::1")]
    [InlineData("::", "127.0.0.1")] // dual-stack
    public void TryAccept_Client_IsSeenUnderItsOwnAddress(string bind, string connect)
    {
        var listener = Bind(new IPEndPoint(IPAddress.Parse(bind), 0));
        using var client = Dial(connect, listener);

        Assert.True(Wait<(TcpSocket Socket, IPEndPoint? Remote)>(
            () => listener.TryAccept(out var socket, out var remote, out _) ? (socket, remote) : null,
            out var accepted));
        Assert.Equal(client.Client.LocalEndPoint, accepted.Remote);
        Assert.Equal(client.Client.RemoteEndPoint, accepted.Socket.LocalEndPoint());
        accepted.Socket.Close();
    }

    [Fact]
    public void TryAccept_NobodyWaits_IsEagain()
    {
        Assert.False(Bind(new IPEndPoint(IPAddress.Loopback, 0)).TryAccept(out _, out _, out var error));
        Assert.Equal(Errno.Again, error);
    }

    [Fact]
    public void TryBind_IPv6Loopback_LeavesIPv4Alone()
    {
        var listener = Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));

        Assert.True(ListenSocket.TryBind(new IPEndPoint(IPAddress.Any, listener.LocalEndPoint().Port), false, out var other, out _));
        other.Close();
    }

    [Fact]
    public void TryBind_PortInUse_IsSaidInWords()
    {
        var taken = Bind(new IPEndPoint(IPAddress.Loopback, 0)).LocalEndPoint();

        Assert.False(ListenSocket.TryBind(taken, false, out _, out var error));
        Assert.Equal((Errno.AddressInUse, "address already in use"), (error, Errno.Describe(error)));
        Assert.False(ListenSocket.TryBind(taken, shared: true, out _, out _));
    }

    [Fact]
    public void TryBind_ForeignAddress_IsSaidInWords()
    {
        Assert.False(ListenSocket.TryBind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), false, out _, out var error));
        Assert.Equal("address not available on this machine", Errno.Describe(error));
    }

    [Fact]
    public void TryBind_Shared_BothListenOnOnePort()
    {
        var first = Bind(new IPEndPoint(IPAddress.Loopback, 0), shared: true);
        var second = Bind(first.LocalEndPoint(), shared: true);
        var accepted = new int[2];
        for (var i = 0; i < 200 && accepted.Contains(0); i++)
        {
            using var client = Dial("127.0.0.1", first);
            accepted[TakeFromEither(first, second)]++;
        }

        Assert.All(accepted, count => Assert.True(count > 0));
    }

    [Fact]
    public void Describe_KnownCodes_AreShortSentences()
    {
        Assert.Equal("permission denied", Errno.Describe(Errno.AccessDenied));
        Assert.Equal("too many open files", Errno.Describe(Errno.TooManyFiles));
        Assert.NotEmpty(Errno.Describe(71));
    }

    public void Dispose() => _listeners.ForEach(listener => listener.Close());

    private ListenSocket Bind(IPEndPoint local, bool shared = false)
    {
        Assert.True(ListenSocket.TryBind(local, shared, out var listener, out var error), Errno.Describe(error));
        _listeners.Add(listener);
        return listener;
    }

    private static System.Net.Sockets.TcpClient Dial(string host, ListenSocket listener)
    {
        var address = IPAddress.Parse(host);
        var client = new System.Net.Sockets.TcpClient(address.AddressFamily);
        client.Connect(address, listener.LocalEndPoint().Port);
        return client;
    }

    private static int TakeFromEither(ListenSocket first, ListenSocket second)
    {
        Assert.True(Wait<(TcpSocket, int)>(
            () => first.TryAccept(out var one, out _, out _) ? (one, 0) : second.TryAccept(out var two, out _, out _) ? (two, 1) : null,
            out var taken));
        taken.Item1.Close();
        return taken.Item2;
    }

    // The client's connect returns a moment before the kernel queues it for accept.
    private static bool Wait<T>(Func<T?> attempt, out T result)
        where T : struct
    {
        T? value = null;
        var done = SpinWait.SpinUntil(() => (value = attempt()) is not null, TimeSpan.FromSeconds(30));
        result = value.GetValueOrDefault();
        return done;
    }
}
