using System.Net;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tunnels;

internal sealed partial class EdgeSession
{
    TimeSpan IForwardingHost.ConnectTimeout => _hub.Options.ConnectTimeout;

    OpenFiles IForwardingHost.Files => _hub.Options.Files;

    void ITunnelEvents.OnOpen(MuxStream stream, ReadOnlySpan<byte> payload)
    {
        if (EnterStream() is { } limit)
        {
            stream.Reset(StreamEndReason.LimitReached);
            RefuseStream(StreamEndReason.LimitReached, limit);
            return;
        }

        TargetConnection.Open(this, Edge!.Model?.Plan, stream, payload);
    }

    void ITunnelEvents.OnStreamRefused(StreamEndReason reason) =>
        RefuseStream(reason, reason == StreamEndReason.LimitReached ? HubLimit.StreamsPerTunnel : null);

    void IForwardingHost.OnConnectionStarted(TargetConnection connection, IPEndPoint client, int port, PortPlan plan)
    {
        Volatile.Write(ref _activeConnections, _activeConnections + 1);
        _hub.OnConnectionStarted(connection);
        if (_hub.Events.WantsStreams)
        {
            connection.Told = new StreamOpenedEventArgs(
                _hub.Events.NextStreamId(), Edge!.EdgeId, InstanceId, port, client.ToString(), plan.Target, _hub.Time.GetUtcNow());
            _hub.Events.Tell(connection.Told);
        }
    }

    void IForwardingHost.OnConnectionEnded(TargetConnection connection, StreamEndReason reason)
    {
        Volatile.Write(ref _activeConnections, _activeConnections - 1);
        LeaveStream();
        _hub.OnConnectionEnded(connection, reason);
    }

    void IForwardingHost.OnConnectionRefused(StreamEndReason reason)
    {
        LeaveStream();
        _hub.Counters.ConnectionRefused(reason);
    }

    void IForwardingHost.OnOutOfDescriptors() => _hub.RefuseStream(HubLimit.Descriptors, Edge!.EdgeId);

    void IForwardingHost.OnTargetFailed(int port, PortPlan target, StreamEndReason reason) =>
        _hub.OnTargetFailed(Edge!.EdgeId, port, target, reason);

    void IForwardingHost.OnBytesFromTarget(int count) => _hub.Counters.FromTarget(count);

    private HubLimit? EnterStream()
    {
        if (!Edge!.Streams.TryEnter())
        {
            return HubLimit.StreamsPerEdge;
        }

        if (_hub.Streams.TryEnter())
        {
            _places++;
            return null;
        }

        Edge.Streams.Leave();
        return HubLimit.Streams;
    }

    private void LeaveStream()
    {
        _places--;
        Edge!.Streams.Leave();
        _hub.Streams.Leave();
    }

    private void RefuseStream(StreamEndReason reason, HubLimit? limit)
    {
        _hub.Counters.ConnectionRefused(reason);
        if (limit is { } met)
        {
            _hub.RefuseStream(met, Edge!.EdgeId);
        }
    }
}
