using RemoteIngress.Edge.Forwarding;

namespace RemoteIngress.Edge.Listeners;

/// <summary>What a listener needs of its loop.</summary>
internal interface IListenerOwner : IClientOwner
{
    /// <summary>Whether one more connection, on this descriptor, is within the bounds; a refusal is counted.</summary>
    bool MayAccept(int descriptor);

    /// <summary>Accepting pauses for a moment for lack of descriptors or memory; clients wait in the kernel's queue.</summary>
    void OnAcceptPaused(string why);
}
