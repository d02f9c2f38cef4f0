using System.Net;
using System.Runtime.InteropServices;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Tests.Sockets;

/// <summary>Lowers the limit of the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(DescriptorLimitTests), DisableParallelization = true)]
[Collection(nameof(DescriptorLimitTests))]
public sealed partial class DescriptorLimitTests
{
    private const int NoFile = 7;

    [Fact]
    public void OutOfDescriptors_IsSurfacedByEveryCallAndPasses()
    {
        Assert.True(ListenSocket.TryBind(new IPEndPoint(IPAddress.Loopback, 0), false, out var listener, out _));
        var local = listener.LocalEndPoint();
        var client = TcpSocket.Connect(local, out _);
        Assert.Equal(0, GetLimit(NoFile, out var limit));
        Assert.Equal(0, SetLimit(NoFile, limit with { Soft = 1 }));
        try
        {
            Assert.False(listener.TryAccept(out _, out _, out var accept));
            Assert.False(ListenSocket.TryBind(local, false, out _, out var bind));
            TcpSocket.Connect(local, out var connect);
            Assert.Equal((Errno.TooManyFiles, Errno.TooManyFiles, Errno.TooManyFiles), (accept, bind, connect));
        }
        finally
        {
            Assert.Equal(0, SetLimit(NoFile, limit));
        }

        Assert.True(listener.TryAccept(out var accepted, out _, out _));
        accepted.Close();
        client.Close();
        listener.Close();
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private record struct Limit(ulong Soft, ulong Hard);
}
