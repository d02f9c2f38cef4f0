using System.Diagnostics.Metrics;

namespace RemoteIngress.Edge.PublicIp;

/// <summary>What is counted of the search for the public address.</summary>
internal static class PublicIpMetrics
{
    /// <param name="meter">Gets the instruments.</param>
    /// <param name="prefix">Beginning of their names.</param>
    /// <param name="counters">What is counted.</param>
    internal static void AddTo(Meter meter, string prefix, StunCounters counters)
    {
        meter.CreateObservableCounter(prefix + ".stun_answers", () => counters.Answered, "{answer}", "STUN questions that were answered with an address");
        meter.CreateObservableCounter(prefix + ".stun_failures", () => counters.Failed, "{failure}", "STUN questions that were not");
        meter.CreateObservableCounter(
            prefix + ".stun_ignored",
            () => counters.Ignored().Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("error.type", pair.Key))),
            "{datagram}",
            "Datagrams that were no answer to a STUN question, by reason");
    }
}
