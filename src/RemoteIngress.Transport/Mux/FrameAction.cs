namespace RemoteIngress.Transport.Mux;

/// <summary>What the parser does with the payload that follows a header.</summary>
internal enum FrameAction
{
    /// <summary>Collect it whole and hand it over.</summary>
    Collect,

    /// <summary>Pass its pieces on as they come: DATA is never assembled.</summary>
    Stream,

    /// <summary>Drop it: a type this version does not know, or a stream that has ended.</summary>
    Skip,

    /// <summary>Stop parsing: the tunnel was closed.</summary>
    Stop,
}
