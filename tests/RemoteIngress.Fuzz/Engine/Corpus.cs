namespace RemoteIngress.Fuzz.Engine;

/// <summary>The inputs that are checked in, by target.</summary>
internal static class Corpus
{
    /// <summary>Ordered by name, so that a seed means the same everywhere.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Load(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", target);
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))]
            : [];
    }
}
