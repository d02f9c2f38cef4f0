namespace RemoteIngress.Hub.Silo;

/// <summary>
/// What happens when the cluster declares this silo dead. Orleans would end the process, and with it every tunnel: here only the
/// silo stops, and the data plane goes on with what it knows.
/// </summary>
internal sealed class SoftFatalErrorHandler(Action<string> died) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception) =>
        died(context ?? exception?.Message ?? "no reason given");
}
