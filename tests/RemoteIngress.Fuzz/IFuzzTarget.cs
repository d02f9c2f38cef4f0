namespace RemoteIngress.Fuzz;

/// <summary>One parser and what must hold of it for any bytes whatsoever.</summary>
internal interface IFuzzTarget
{
    /// <summary>Also the name of its folder in the corpus.</summary>
    string Name { get; }

    /// <summary>Pieces that mean something to the parser and that chance would hardly find.</summary>
    IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>
    /// Parses and checks; an exception is a bug. Returns what became of the input in a few words, without values from the input:
    /// the built-in loop goes on from inputs with an outcome it has not seen.
    /// </summary>
    string Run(ReadOnlySpan<byte> input);
}
