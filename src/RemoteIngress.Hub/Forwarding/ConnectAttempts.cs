using System.Net;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>What a connection needs only until its target accepted: the addresses left to try, and how long that may take.</summary>
internal sealed class ConnectAttempts(int publicPort, PortPlan plan, LoopTimer timer, long deadline)
{
    private IReadOnlyList<IPAddress> _addresses = [];
    private int _next;

    /// <summary>The edge's port.</summary>
    internal int PublicPort { get; } = publicPort;

    internal PortPlan Plan { get; } = plan;

    internal LoopTimer Timer { get; } = timer;

    internal IPEndPoint? Current { get; private set; }

    /// <summary>Why the last address failed.</summary>
    internal StreamEndReason Failure { get; set; } = StreamEndReason.TargetUnresolved;

    internal void Start(IReadOnlyList<IPAddress> addresses) => _addresses = addresses;

    /// <summary>The next address, and until when it has time: an equal share of what is left for all of them.</summary>
    internal bool TryNext(long now, out long until)
    {
        var left = _addresses.Count - _next;
        until = now;
        if (left == 0 || now >= deadline)
        {
            return false;
        }

        Current = new IPEndPoint(_addresses[_next++], Plan.Port);
        until = now + ((deadline - now) / left);
        return true;
    }

    /// <summary>Of the process or of the whole machine: no other address would fare better.</summary>
    internal static bool IsOutOfDescriptors(int errno) => errno is Errno.TooManyFiles or Errno.TooManyFilesInSystem;

    internal static StreamEndReason Explain(int errno) => errno switch
    {
        Errno.ConnectionRefused or Errno.ConnectionReset or Errno.BrokenPipe => StreamEndReason.TargetRefused,
        Errno.TimedOut => StreamEndReason.TargetTimeout,
        Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoMemory or Errno.NoBuffers or Errno.AddressNotAvailable =>
            StreamEndReason.LimitReached,
        _ => StreamEndReason.TargetUnreachable,
    };
}
