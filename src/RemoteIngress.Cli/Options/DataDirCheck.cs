namespace RemoteIngress.Cli.Options;

/// <summary>Finds a <c>--data-dir</c> that can never be one, with all other mistakes and not after half a start. Makes nothing.</summary>
internal static class DataDirCheck
{
    public static void Run(string? path, OptionReader reader)
    {
        if (path is null)
        {
            return;
        }

        // It need not be there yet: the nearest that is there decides.
        for (var nearest = path; !string.IsNullOrEmpty(nearest); nearest = Path.GetDirectoryName(nearest))
        {
            if (File.Exists(nearest))
            {
                reader.AddError("--data-dir", $"'{nearest}' is a file; give a directory, or a path where one can be made");
                return;
            }

            if (Directory.Exists(nearest))
            {
                return;
            }
        }
    }
}
