using System.Net.Sockets;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Transport.Tests.Tunnels;

/// <summary>Real sockets, real TLS, two loops.</summary>
public sealed class TunnelRelayTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task Relay_SixtyFourMebibytesEachWay_ArrivesWhole()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        var up = client.SendRandomAsync(1, 64 * MiB, end: true);
        var down = target.SendRandomAsync(2, 64 * MiB, end: true);
        var atTarget = target.ReceiveToEndAsync();
        var atClient = client.ReceiveToEndAsync();

        Assert.Equal((await up, 64 * MiB), await atTarget);
        Assert.Equal((await down, 64 * MiB), await atClient);
        await CloseAsync(rig);
        client.Dispose();
        target.Dispose();
    }

    [Fact]
    public async Task Relay_ManyStreamsAtOnce_AllArriveWhole()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async seed =>
        {
            // The target tells the streams apart by nothing: each echoes.
            using var client = await rig.ConnectClientAsync();
            var sent = client.SendRandomAsync(seed, MiB, end: true);
            var received = client.ReceiveToEndAsync();
            _ = EchoAsync(await rig.AcceptTargetAsync());
            Assert.Equal((await sent, MiB), await received);
        }));
        await CloseAsync(rig);
    }

    [Fact]
    public async Task HalfClose_AnswerAfterTheClientsEnd_Arrives()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, (await target.ReceiveToEndAsync()).Length);
        var sent = await target.SendRandomAsync(1, 100_000, end: true);

        Assert.Equal((sent, 100_000L), await client.ReceiveToEndAsync());
        await CloseAsync(rig);
        Assert.Equal(StreamEndReason.Completed, Assert.Single(rig.Clients).Released);
        client.Dispose();
        target.Dispose();
    }

    [Fact]
    public async Task Reset_OfTheTarget_BecomesAResetOfTheClient()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        target.Reset();

        var exception = await Assert.ThrowsAsync<SocketException>(client.ReceiveToEndAsync);

        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        await CloseAsync(rig);
        client.Dispose();
    }

    [Fact]
    public async Task Reset_OfTheClient_BecomesAResetOfTheTarget()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        client.Reset();

        var exception = await Assert.ThrowsAsync<SocketException>(target.ReceiveToEndAsync);

        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        await CloseAsync(rig);
        target.Dispose();
    }

    [Fact]
    public async Task Reset_BehindData_TheDataArrivesFirst()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        await target.SendRandomAsync(1, 50_000, end: false);
        await client.ReceiveExactlyAsync(50_000);
        target.Reset();
        await Assert.ThrowsAsync<SocketException>(client.ReceiveToEndAsync);
        await CloseAsync(rig);
        client.Dispose();
    }

    [Fact]
    public async Task Target_NobodyListens_ClientIsReset()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        rig.StopTarget();

        // The reset may be there before the connect has returned.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await rig.ConnectClientAsync();
            await client.ReceiveToEndAsync();
        });

        Assert.Equal(StreamEndReason.TargetRefused, await rig.Edge.Loop.InvokeAsync(() => Assert.Single(rig.Clients).Released));
        await CloseAsync(rig);
    }

    [Fact]
    public async Task Prepend_BytesOfOurOwn_ComeFirstAndTakeNoCredit()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        rig.Hub.Prefix = new byte[100];
        var (client, target) = await rig.OpenAsync();
        var sent = client.SendRandomAsync(1, 8 * MiB, end: true);
        await target.ReceiveExactlyAsync(100);

        Assert.Equal((await sent, 8 * MiB), await target.ReceiveToEndAsync());
        Assert.Empty(await rig.Hub.Loop.InvokeAsync(() => rig.Hub.Targets.Where(t => t.Muxed.ReceiveWindow.Open > t.Muxed.ReceiveWindow.Size)));
        client.Dispose();
        target.Dispose();
        await CloseAsync(rig);
    }

    [Fact]
    public async Task Relay_SteadyState_AllocatesNextToNothingOnTheLoops()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        var allocated = long.MaxValue;
        for (var attempt = 0; attempt < 6; attempt++)
        {
            // The least of a few: how far a buffer has to grow before the pool knows its size is the scheduler's choice.
            var before = await AllocatedAsync(rig);
            await TransferAsync(client, target, 64 * MiB);
            allocated = Math.Min(allocated, await AllocatedAsync(rig) - before);
        }

        // 64 MiB are 1,024 full frames and 4,096 records through two loops; one small object for each record would pass 100 KB.
        Assert.True(allocated < 64 * 1024, $"{allocated} bytes");
        client.Dispose();
        target.Dispose();
        await CloseAsync(rig);
    }

    [Fact]
    public async Task SlowReader_HoldsItsOwnStreamBackAndNoOther()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (slowClient, slowTarget) = await rig.OpenAsync();
        slowTarget.ReceiveBufferSize = 64 * 1024;
        var slow = slowClient.SendRandomAsync(1, 128 * MiB, end: true);
        var (client, target) = await rig.OpenAsync();
        var sent = client.SendRandomAsync(2, 16 * MiB, end: true);
        var received = await target.ReceiveToEndAsync();

        Assert.Equal((await sent, 16 * MiB), received);
        Assert.False(slow.IsCompleted, "128 MiB went where nobody reads");
        var window = await rig.Hub.Loop.InvokeAsync(() => rig.Hub.Targets[0].Muxed.ReceiveWindow.Size);
        Assert.True(window <= 4 * MiB, $"the window is {window}");

        var late = await slowTarget.ReceiveToEndAsync();
        Assert.Equal((await slow, 128 * MiB), late);
        target.Dispose();
        client.Dispose();
        slowClient.Dispose();
        slowTarget.Dispose();
        await CloseAsync(rig);
    }

    [Fact]
    public async Task Reset_OfATargetThatDidNotRead_LeavesNothingOfWhatWaited()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        var (client, target) = await rig.OpenAsync();
        var sending = client.SendRandomAsync(1, 64 * MiB, end: false);
        var usage = rig.Hub.Loop.Usage;
        await rig.Hub.Loop.UntilAsync(() => usage is { Streams: 1, BufferedBytes: > 0 } && usage.RentedBytes >= usage.BufferedBytes, "bytes that wait");

        target.Reset();

        await Assert.ThrowsAsync<SocketException>(() => sending);
        await rig.Hub.Loop.UntilAsync(() => usage is { Streams: 0, BufferedBytes: 0, RentedBytes: 0 }, "nothing waits");
        client.Dispose();
    }

    [Fact]
    public async Task HubThatDoesNotRead_WhatTheEdgeKeepsForItIsCountedUntilItLeaves()
    {
        using var stuck = new ManualResetEventSlim();
        await using var rig = await TunnelRig.ConnectAsync();
        var pairs = new List<(Socket Client, Socket Target)>();
        for (var i = 0; i < 40; i++)
        {
            pairs.Add(await rig.OpenAsync());
        }

        var usage = rig.Edge.Loop.Usage;
        rig.Hub.Loop.Post(stuck.Wait);
        var received = pairs.Select(pair => pair.Target.ReceiveToEndAsync()).ToArray();
        var sent = pairs.Select((pair, i) => pair.Client.SendRandomAsync(i, MiB, end: true)).ToArray();
        await rig.Edge.Loop.UntilAsync(() => usage is { BufferedBytes: > 0, RentedBytes: > 0 }, "bytes that wait for the hub");
        stuck.Set();

        Assert.Equal((await Task.WhenAll(sent)).Select(hash => (hash, MiB)), await Task.WhenAll(received));
        await rig.Edge.Loop.UntilAsync(() => usage is { BufferedBytes: 0, RentedBytes: 0 }, "nothing waits");
        Assert.Equal(40, usage.Streams);
        pairs.ForEach(pair => pair.Client.Dispose());
        pairs.ForEach(pair => pair.Target.Dispose());
    }

    private static async Task CloseAsync(TunnelRig rig)
    {
        await rig.Edge.OnLoopAsync(core => core.Close(TunnelEndReason.Shutdown, "the test is over"));
        await rig.Hub.Closed;
        await rig.NothingIsLeftAsync();
    }

    private static async Task TransferAsync(Socket from, Socket to, long length)
    {
        var sent = from.SendRandomAsync(1, length, end: false);
        await to.ReceiveExactlyAsync((int)length);
        await sent;
    }

    private static async Task<long> AllocatedAsync(TunnelRig rig) =>
        await rig.Edge.Loop.InvokeAsync(GC.GetAllocatedBytesForCurrentThread)
        + await rig.Hub.Loop.InvokeAsync(GC.GetAllocatedBytesForCurrentThread);

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                await socket.SendAsync(buffer.AsMemory(0, count));
            }

            socket.Shutdown(SocketShutdown.Send);
        }
    }
}
