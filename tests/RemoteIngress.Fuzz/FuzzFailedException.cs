namespace RemoteIngress.Fuzz;

/// <summary>What a target says when something does not hold that must.</summary>
internal sealed class FuzzFailedException(string message) : Exception(message);
