using System.Net;
using System.Threading.Channels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Status;

/// <summary>
/// Tells every hub how this edge is (STATUS): after a tunnel came up, when the public address changed, and every 15 s. Whatever happens, at
/// most four times a second, and each time one small frame for each hub.
/// </summary>
internal sealed class StatusReporter(IReadOnlyList<EdgeLoop> loops, Func<IPAddress?> publicIp, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(250);

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There is something to tell. Any thread; never blocks.</summary>
    internal void Wake() => _news.Writer.TryWrite(true);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await NewsAsync(cancellationToken);
            await SendAsync();
            await Task.Delay(Apart, time, cancellationToken);
        }
    }

    private async Task NewsAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Every, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _news.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // nothing new: the hubs hear that it is still so
        }
    }

    private async Task SendAsync()
    {
        var load = EdgeLoad.Of(loops);
        var report = ControlCodec.Encode(new EdgeStatusReport
        {
            Software = SoftwareVersion.Text,
            PublicIp = publicIp()?.ToString(),
            ActiveStreams = (int)long.Min(load.Streams, int.MaxValue),
            ActiveUdpSessions = (int)long.Min(load.UdpSessions, int.MaxValue),
        });
        var told = new HashSet<HubAddress>();
        foreach (var loop in loops)
        {
            try
            {
                await loop.Loop.InvokeAsync(() => loop.Pool.SendToEachHub(FrameType.Status, report, told));
            }
            catch (ObjectDisposedException)
            {
                // This loop ended, and with it its tunnels: the others have theirs.
            }
        }
    }
}
