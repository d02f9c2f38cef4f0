using System.Runtime.CompilerServices;

namespace RemoteIngress.Testing.Simulation;

/// <summary>A message that is only put together when the condition failed: checks run after every step.</summary>
[InterpolatedStringHandler]
internal readonly ref struct FailureText
{
    private readonly List<string>? _parts;

    internal FailureText(int literalLength, int formattedCount, bool holds, out bool shouldAppend)
    {
        shouldAppend = !holds;
        _parts = holds ? null : new List<string>(formattedCount + (literalLength > 0 ? formattedCount + 1 : 0));
    }

    internal void AppendLiteral(string text) => _parts!.Add(text);

    internal void AppendFormatted<T>(T value) => _parts!.Add($"{value}");

    internal void AppendFormatted<T>(T value, string format)
        where T : IFormattable => _parts!.Add(value.ToString(format, null));

    public override string ToString() => string.Concat(_parts ?? []);
}
