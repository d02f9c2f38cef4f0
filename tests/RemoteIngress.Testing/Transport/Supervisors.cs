using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Testing.Transport;

/// <summary>Supervisors for parts that are tested by themselves.</summary>
internal static class Supervisors
{
    /// <summary>One whose reports nobody reads.</summary>
    internal static Supervisor Create() => new(TimeProvider.System, NullLogger.Instance, static _ => { }, static _ => { });
}
