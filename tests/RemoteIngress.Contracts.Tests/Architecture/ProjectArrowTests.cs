using System.Xml.Linq;
using RemoteIngress.Testing;

namespace RemoteIngress.Contracts.Tests.Architecture;

/// <summary>The arrows between the projects of the product, as the design has them and no other.</summary>
public sealed class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocol"] = [],
        ["Transport"] = ["Protocol"],
        ["Contracts"] = [],
        ["Edge"] = ["Protocol", "Transport"],
        ["Hub"] = ["Contracts", "Protocol", "Transport"],
        ["Client"] = ["Contracts"],
        ["Cli"] = ["Client", "Edge", "Hub"],
    };

    // a package that a project has no business with says the same as a wrong arrow
    private static readonly Dictionary<string, string[]> ForbiddenPackages = new()
    {
        ["Protocol"] = [""],
        ["Transport"] = ["Microsoft.Orleans", "StackExchange.Redis"],
        ["Edge"] = ["Microsoft.Orleans", "StackExchange.Redis"],
        ["Contracts"] = ["Microsoft.Orleans.Server", "Microsoft.Orleans.Runtime", "StackExchange.Redis"],
        ["Client"] = ["Microsoft.Orleans.Server", "Microsoft.Orleans.Runtime"],
    };

    [Fact]
    public void Every_project_has_its_place_in_the_design() =>
        Assert.Equal(
            Allowed.Keys.Order(StringComparer.Ordinal),
            ProjectFiles().Select(NameOf).Order(StringComparer.Ordinal));

    [Fact]
    public void No_project_references_another_but_those_of_the_design()
    {
        var wrong = from file in ProjectFiles()
                    from target in References(file, "ProjectReference").Select(NameOf)
                    where !Allowed.GetValueOrDefault(NameOf(file), []).Contains(target)
                    select $"{NameOf(file)} -> {target}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_project_takes_a_package_that_is_not_its_business()
    {
        var wrong = from file in ProjectFiles()
                    from package in References(file, "PackageReference")
                    where ForbiddenPackages.GetValueOrDefault(NameOf(file), []).Any(prefix => package.StartsWith(prefix, StringComparison.Ordinal))
                    select $"{NameOf(file)} -> {package}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_test_project_tests_a_project_of_the_product_or_all_of_them()
    {
        var names = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "tests"), "RemoteIngress.*.Tests")
            .Select(directory => Path.GetFileName(directory)["RemoteIngress.".Length..^".Tests".Length]);

        Assert.Empty(names.Except([.. Allowed.Keys, "EndToEnd", "Fuzz"]));
    }

    private static string[] ProjectFiles() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);

    private static IEnumerable<string> References(string projectFile, string element) =>
        XDocument.Load(projectFile).Descendants(element).Select(reference => (string?)reference.Attribute("Include") ?? string.Empty);

    private static string NameOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
        return name.StartsWith("RemoteIngress.", StringComparison.Ordinal) ? name["RemoteIngress.".Length..] : name;
    }
}
