namespace RemoteIngress.Transport.Supervision;

/// <summary>An internal loop died too often and is not started again: its hub or edge no longer works as a whole.</summary>
/// <param name="Loop">Which one: <c>event loop 0</c>, <c>snapshots</c>, ….</param>
/// <param name="Error">Type and message of what it died of.</param>
/// <param name="Crashes">How often it died within the last minute, this time included.</param>
/// <param name="At">When it was given up.</param>
public sealed record CrashRecoveryFailedEventArgs(string Loop, string Error, int Crashes, DateTimeOffset At);
