using System.Runtime.CompilerServices;

namespace RemoteIngress.Testing.Simulation;

/// <summary>Something that must always hold did not.</summary>
internal sealed class InvariantException(string message) : Exception(message)
{
    internal static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref FailureText message)
    {
        if (!condition)
        {
            throw new InvariantException(message.ToString());
        }
    }

    internal static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvariantException(message);
        }
    }
}
