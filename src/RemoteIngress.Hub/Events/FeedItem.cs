namespace RemoteIngress.Hub.Events;

/// <summary>One event as readers over HTTP get it.</summary>
/// <param name="Id">Rises with every event of this hub, also with those that a reader did not ask for.</param>
/// <param name="Name">What happened.</param>
/// <param name="Json">The fields, on one line.</param>
internal sealed record FeedItem(long Id, string Name, string Json);
