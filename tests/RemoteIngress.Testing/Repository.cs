namespace RemoteIngress.Testing;

/// <summary>Where things are in the tree that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// The built <c>remoteingress</c>, of the same configuration as the tests, or the one that REMOTEINGRESS_TEST_PROGRAM names: tests/run.sh publishes it
    /// compiled ahead of time, since hundreds of them are started.
    /// </summary>
    public static string Executable =>
        Environment.GetEnvironmentVariable("REMOTEINGRESS_TEST_PROGRAM") ?? FindBuilt(Path.Combine("src", "RemoteIngress.Cli"), "remoteingress");

    /// <summary>A program of docs/samples, built likewise, beside what it needs: another program's directory may lack some of that.</summary>
    public static string Sample(string folder, string assembly) => FindBuilt(Path.Combine("docs", "samples", folder), assembly + ".dll");

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

    private static string FindBuilt(string project, string file)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(Root, project, "bin", output.Parent!.Name, output.Name, file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: build {project} first.");
    }
}
