namespace RemoteIngress.Transport.Supervision;

/// <summary>An internal loop died of a defect and was started again.</summary>
/// <param name="Loop">Which one: <c>event loop 0</c>, <c>snapshots</c>, ….</param>
/// <param name="Error">Type and message of what it died of.</param>
/// <param name="Crashes">How often it died within the last minute, this time included.</param>
/// <param name="At">When it worked again.</param>
public sealed record CrashRecoveredEventArgs(string Loop, string Error, int Crashes, DateTimeOffset At);
