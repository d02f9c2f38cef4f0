using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Events;

/// <summary>What the events are called at <c>GET /api/v1/events</c>.</summary>
internal static class EventNames
{
    /// <summary>The one that is no happening of the hub: events were lost, because their reader was too slow.</summary>
    internal const string Dropped = "dropped";

    internal const string StreamOpened = "streamOpened";

    internal const string StreamClosed = "streamClosed";

    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(EdgeConnectedEventArgs)] = "edgeConnected",
        [typeof(EdgeDisconnectedEventArgs)] = "edgeDisconnected",
        [typeof(StreamOpenedEventArgs)] = StreamOpened,
        [typeof(StreamClosedEventArgs)] = StreamClosed,
        [typeof(CrashRecoveredEventArgs)] = "crashRecovered",
        [typeof(CrashRecoveryFailedEventArgs)] = "crashRecoveryFailed",
    };

    internal static IReadOnlyCollection<string> All => Names.Values;

    internal static string Of(object happening) => Names[happening.GetType()];
}
