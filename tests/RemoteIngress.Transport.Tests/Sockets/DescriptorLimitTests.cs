using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
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

    [Fact]
    public void LoopGroup_LaterLoopIsRefused_EarlierOnesLeaveNothingOpen()
    {
        Assert.Equal(0, GetLimit(NoFile, out var limit));
        var before = Descriptors();

        // Each loop takes two: there is room for four of them, and for half of the fifth.
        var tenthFree = Enumerable.Range(0, int.MaxValue).Where(number => !before.Contains(number)).Skip(9).First();
        Assert.Equal(0, SetLimit(NoFile, limit with { Soft = (ulong)tenthFree }));
        try
        {
            Assert.Equal("too many open files", Assert.Throws<LoopRefusedException>(() => new LoopGroup("test", 64, TimeProvider.System)).Message);
        }
        finally
        {
            Assert.Equal(0, SetLimit(NoFile, limit));
        }

        Assert.Equal(before, Descriptors());
    }

    [Fact]
    public void Raise_TakesTheSoftLimitToTheHardOne()
    {
        Assert.Equal(0, GetLimit(NoFile, out var limit));
        Assert.Equal(0, SetLimit(NoFile, limit with { Soft = limit.Hard - 1 }));
        try
        {
            var files = OpenFiles.Raise(reserved: 10);

            Assert.Equal((int)Math.Min(limit.Hard, int.MaxValue), files.Limit);
            Assert.InRange(files.Count(), 5, files.Limit);
        }
        finally
        {
            Assert.Equal(0, SetLimit(NoFile, limit));
        }
    }

    private static List<int> Descriptors()
    {
        // the listing's own descriptor is among them, and the same each time
        return [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).Order()];
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private record struct Limit(ulong Soft, ulong Hard);
}
