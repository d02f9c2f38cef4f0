using RemoteIngress.Edge.Forwarding;

namespace RemoteIngress.Edge.Listeners;

/// <summary>What a listener needs of its loop.</summary>
internal interface IListenerOwner : IClientOwner
{
    /// <summary>Whether one more connection is within the bounds; a refusal is counted.</summary>
    bool MayAccept();
}
