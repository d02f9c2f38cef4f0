namespace RemoteIngress.Fuzz.Engine;

/// <summary>An input that broke a target.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="Seed">Of the run that found it.</param>
/// <param name="Execution">How many inputs the target had been given before.</param>
/// <param name="Input">The bytes.</param>
/// <param name="Error">What was thrown.</param>
internal sealed record FuzzCrash(string Target, int Seed, long Execution, byte[] Input, Exception Error)
{
    public override string ToString() =>
        $"CRASH target={Target} seed={Seed} execution={Execution}\n{Error}\ninput ({Input.Length} bytes): {Convert.ToHexStringLower(Input)}";

    /// <summary>Saves the input for the replay command and returns the path.</summary>
    public string Save(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"{Target}-{Seed}-{Execution}.bin");
        File.WriteAllBytes(path, Input);
        return path;
    }
}
