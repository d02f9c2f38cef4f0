using System.Text.RegularExpressions;
using RemoteIngress.Hub.Registry.Validation;
using RemoteIngress.Testing;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace RemoteIngress.Cli.Tests;

/// <summary>docker-compose.yml and its image, as far as they can be checked without Docker: everything in them that is ours is right.</summary>
public sealed class ComposeTests
{
    private static readonly Dictionary<object, object> Services = Map(Read("docker-compose.yml")["services"]);

    /// <summary>Services that run this program.</summary>
    public static TheoryData<string> Ours => new(Services.Where(static service => Map(service.Value).ContainsKey("build")).Select(static service => (string)service.Key));

    [Fact]
    public void Topology_IsARedisThatKeeps_ThreeHubs_TwoEdges_AndATarget()
    {
        Assert.Equal(["edge1", "edge2", "hub1", "hub2", "hub3", "redis", "target"], Services.Keys.Cast<string>().Order());
        Assert.Equal(["edge", "edge", "hub", "hub", "hub"], Ours.Select(service => Environment(service.Data)["REMOTEINGRESS_MODE"]).Order());
        Assert.Contains("--appendonly yes", string.Join(' ', Texts(Map(Services["redis"])["command"])));
        Assert.Contains("listen 80 proxy_protocol;", Text("infra/docker/target.conf"));
        Assert.All(Services.Values, service => Assert.True(Map(service).ContainsKey("healthcheck")));
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public async Task EveryVariable_IsOneOfTheProgram_AndItTakesThemAll(string service)
    {
        var environment = Environment(service);
        var mode = environment["REMOTEINGRESS_MODE"];
        var run = new CliRun();
        foreach (var (name, value) in environment)
        {
            run.Environment[name] = value;
        }

        Assert.True(await run.RunAsync("check", mode) == 0, string.Join('\n', run.ErrorLines));

        // the manual's table is what another test compares with the options
        var known = Regex.Matches(Text("docs/operations.md"), @"(?m)^\| `(REMOTEINGRESS_\w+)` \| ([^|]+) \|").ToDictionary(static row => row.Groups[1].Value, static row => row.Groups[2].Value);
        Assert.All(environment.Keys, name => Assert.True(known.TryGetValue(name, out var of) && (of.Contains(mode) || of is "bare" or "all"), $"{name} is no variable of {mode}"));
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public async Task HealthCheck_AsksTheAddressThatTheProgramListensOn(string service)
    {
        var environment = Environment(service);
        var run = new CliRun();
        foreach (var (name, value) in environment)
        {
            run.Environment[name] = value;
        }

        await run.RunAsync("check", environment["REMOTEINGRESS_MODE"]);
        var url = run.Value(environment["REMOTEINGRESS_MODE"] == "hub" ? "admin-url" : "status-url");

        Assert.Equal(["CMD", "curl", "-fsS", url + "/readyz"], Texts(Map(Map(Services[service])["healthcheck"])["test"]));
    }

    [Fact]
    public void HubsAndEdges_FitTogether()
    {
        string[] hubs = ["hub1", "hub2", "hub3"];
        Assert.All(hubs, hub =>
        {
            var environment = Environment(hub);
            Assert.Equal(hub, environment["REMOTEINGRESS_HUB_ID"]);
            Assert.Equal(environment["REMOTEINGRESS_SILO_ADDRESS"], (string)Map(Map(Map(Services[hub])["networks"])["cluster"])["ipv4_address"]);
        });
        var advertised = string.Join(',', hubs.Select(hub => Environment(hub)["REMOTEINGRESS_ADVERTISE"]));
        var (allowed, errors) = AllowedEdgesJson.Parse(Environment("hub1")["REMOTEINGRESS_ALLOWED_EDGES_JSON"]);
        Assert.Empty(errors);
        Assert.All(new[] { "edge1", "edge2" }, service =>
        {
            var environment = Environment(service);
            Assert.Equal(advertised, environment["REMOTEINGRESS_HUB"]);
            var edge = Assert.Single(allowed!, edge => edge.Id == environment["REMOTEINGRESS_EDGE_ID"]);
            Assert.Equal(environment["REMOTEINGRESS_SECRET"], edge.Secret);
            Assert.All(Texts(Map(Services[service])["ports"]), port => Assert.Contains(int.Parse(port.Split(':')[^1], null), edge.ListenPorts));
        });
    }

    [Fact]
    public void Dockerfile_CopiesWhatIsThere_AndIsNotRoot()
    {
        var file = Text("infra/docker/Dockerfile");
        var copied = Regex.Matches(file, @"(?m)^COPY (?!--)(.+) \S+$").SelectMany(static line => line.Groups[1].Value.Split(' ')).ToArray();
        var sent = Text(".dockerignore").Split('\n').Where(static line => line.StartsWith('!')).Select(static line => line[1..]);

        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
        Assert.Equal(copied.Select(static path => path.TrimEnd('/')).Order(), sent.Order());
        Assert.Equal(Directory.EnumerateFiles(Repository.Root, "Directory.*").Select(Path.GetFileName).Order(), copied.Where(static path => path.StartsWith("Directory.", StringComparison.Ordinal)).Order());
        Assert.Equal("$APP_UID", Regex.Matches(file, @"(?m)^USER (.+)$")[^1].Groups[1].Value);
        Assert.All(Ours, service => Assert.Equal("infra/docker/Dockerfile", (string)Map(Map(Services[service.Data])["build"])["dockerfile"]));
    }

    private static Dictionary<string, string> Environment(string service) =>
        Map(Map(Services[service])["environment"]).ToDictionary(static entry => (string)entry.Key, static entry => (string)entry.Value);

    private static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;

    private static IEnumerable<string> Texts(object value) => ((List<object>)value).Cast<string>();

    private static string Text(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private static Dictionary<object, object> Read(string path)
    {
        using var reader = new StringReader(Text(path));
        return new Deserializer().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(reader)));
    }
}
