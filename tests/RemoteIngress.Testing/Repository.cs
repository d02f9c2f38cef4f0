namespace RemoteIngress.Testing;

/// <summary>Where things are in the tree that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The built <c>remoteingress</c>, of the same configuration as the tests.</summary>
    public static string Executable => FindExecutable();

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "remoteingress.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No remoteingress.sln above {AppContext.BaseDirectory}.");
    }

    private static string FindExecutable()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(Root, "src", "RemoteIngress.Cli", "bin", output.Parent!.Name, output.Name, "remoteingress");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: build src/RemoteIngress.Cli first.");
    }
}
