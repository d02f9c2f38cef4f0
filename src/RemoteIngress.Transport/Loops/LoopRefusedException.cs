namespace RemoteIngress.Transport.Loops;

/// <summary>The system has nothing left for one more event loop; the message is its reason.</summary>
internal sealed class LoopRefusedException(string message) : Exception(message);
