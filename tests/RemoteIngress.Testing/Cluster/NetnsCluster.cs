using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Processes;
using Xunit;

namespace RemoteIngress.Testing.Cluster;

/// <summary>
/// Three hubs, two edges and Redis in network namespaces, as infra/scripts/netns-cluster.sh starts them for users. Skips the running test where
/// that is not possible. Nodes are <c>hub1</c> to <c>hub3</c>, <c>edge1</c>, <c>edge2</c>, <c>redis</c>.
/// </summary>
public sealed class NetnsCluster : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Hubs = ["hub1", "hub2", "hub3"];
    public static readonly IReadOnlyList<string> Edges = ["edge1", "edge2"];
    private static readonly string[] Programs = ["bash", "ip", "nft", "redis-server", "nginx", "curl", "setsid"];
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private static int _count;

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly string _name = $"e2e-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";

    private NetnsCluster()
    {
        foreach (var node in Hubs.Concat(Edges))
        {
            _clients[node] = NetworkNamespace.CreateHttpClient(Network(node));
        }
    }

    public string AdminToken { get; private set; } = "";

    /// <summary>Where clients and targets of tests are.</summary>
    public NetworkNamespace Clients => Network("client");

    public NetworkNamespace Targets => Network("target");

    private string State => Path.Combine(_directory.Path, "cluster");

    /// <param name="hubOptions">Beside those of the script.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<NetnsCluster> CreateAsync(string hubOptions, CancellationToken cancellation)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make network namespaces");
        foreach (var program in Programs)
        {
            Tool.Require(program);
        }

        var cluster = new NetnsCluster();
        try
        {
            using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            given.CancelAfter(StartTimeout);
            await cluster.RunAsync("up", [], given.Token, "--program", Repository.Executable, "--hub-options", hubOptions);
            cluster.AdminToken = (await File.ReadAllTextAsync(Path.Combine(cluster.State, "admin-token"), cancellation)).Trim();
            foreach (var hub in Hubs)
            {
                cluster._clients[hub].DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", cluster.AdminToken);
            }

            await cluster.WholeAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Of the script.</summary>
    public static IPAddress Address(string node) => IPAddress.Parse(node switch
    {
        "redis" => "10.78.0.2",
        "target" => "10.78.0.31",
        "client" => "10.78.0.41",
        _ when node.StartsWith("hub", StringComparison.Ordinal) => $"10.78.0.1{node[3]}",
        _ => $"10.78.0.2{node[4]}",
    });

    public NetworkNamespace Network(string node) => NetworkNamespace.Existing($"{_name}-{node}");

    /// <summary>What the node has printed since its first start.</summary>
    public string Log(string node) => File.ReadAllText(Path.Combine(State, node + ".log"));

    public Task StartAsync(string node, CancellationToken cancellation) => RunAsync("start", [node], cancellation);

    /// <summary>SIGKILL; it is gone afterwards.</summary>
    public Task KillAsync(string node, CancellationToken cancellation) => RunAsync("kill", [node], cancellation);

    /// <summary>SIGTERM, and waits until it has ended.</summary>
    public Task DrainAsync(string node, CancellationToken cancellation) => RunAsync("drain", [node], cancellation);

    public void Freeze(string node) => Libc.Kill(ProcessId(node), Signal.Stop);

    public void Thaw(string node) => Libc.Kill(ProcessId(node), Signal.Continue);

    /// <summary>Drops every packet to and from it, without a word.</summary>
    public Task CutAsync(string node, CancellationToken cancellation) => RunAsync("cut", [node], cancellation);

    public Task HealAsync(string node, CancellationToken cancellation) => RunAsync("heal", [node], cancellation);

    public int ProcessId(string node) =>
        int.Parse(File.ReadAllText(Path.Combine(State, node + ".pid")), CultureInfo.InvariantCulture);

    public string Secret(string edge) => File.ReadAllText(Path.Combine(State, edge + ".secret")).Trim();

    /// <summary>Gives both edges these ports through one hub, and waits until they accept on them.</summary>
    public async Task SetPortsAsync(IReadOnlyList<PortSpec> ports, CancellationToken cancellation, string hub = "hub1")
    {
        await PutEdgesAsync(hub, ports, cancellation);
        foreach (var edge in Edges)
        {
            await Poll.UntilAsync(
                $"{edge} has its ports\n{Log(edge)}",
                async token => await EdgeStatusAsync(edge, token) is { } status
                    && ports.All(port => status.GetProperty("listenPorts").EnumerateArray().Any(open => open.GetInt32() == port.Port)),
                cancellation);
        }
    }

    /// <summary>One update of both edges through one hub; throws what the hub answers when it refuses.</summary>
    public async Task PutEdgesAsync(string hub, IReadOnlyList<PortSpec> ports, CancellationToken cancellation)
    {
        var json = EdgeSpec.ToJson(Edges.Select(edge => new EdgeSpec(edge, null) { Ports = ports }));
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await _clients[hub].PutAsync(new Uri("http://127.0.0.1:9080/api/v1/edges"), content, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"PUT edges at {hub}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}");
        }
    }

    /// <summary>The hub's status; null while it does not answer.</summary>
    public Task<JsonElement?> HubStatusAsync(string hub, CancellationToken cancellation) => GetAsync(hub, "http://127.0.0.1:9080/api/v1/status", cancellation);

    /// <summary>The edge's status; null while it does not answer.</summary>
    public Task<JsonElement?> EdgeStatusAsync(string edge, CancellationToken cancellation) => GetAsync(edge, "http://127.0.0.1:9081/status", cancellation);

    public async Task<MetricsPage> HubMetricsAsync(string hub, CancellationToken cancellation) =>
        new(await _clients[hub].GetStringAsync(new Uri("http://127.0.0.1:9080/metrics"), cancellation));

    /// <summary>The silos of the cluster and their state, as Redis has them, in order.</summary>
    public async Task<IReadOnlyList<string>> MembersAsync(CancellationToken cancellation)
    {
        var (_, rows, _) = await Network("redis").ExecAsync("redis-cli", ["-h", $"{Address("redis")}", "HVALS", $"{_name}/members/{_name}"], cancellation);
        return [.. rows.Split('\n').Where(static row => row.StartsWith('{')).Select(MemberOf).Order(StringComparer.Ordinal)];
    }

    /// <summary>Plugs one more machine into the cluster's network.</summary>
    public async Task<Machine> AddMachineAsync(string role, string address, CancellationToken cancellation)
    {
        var machine = new Machine(await NetworkNamespace.CreateAsync(role, cancellation));
        try
        {
            await machine.Network.LinkToBridgeAsync(Network("net"), "br0", address, cancellation);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the edge has a tunnel to the hub on every one of its loops.</summary>
    public async Task<bool> HasTunnelsAsync(string edge, string hub, CancellationToken cancellation) =>
        await EdgeStatusAsync(edge, cancellation) is { } status
        && status.GetProperty("tunnels").EnumerateArray().Any(tunnel =>
            tunnel.GetProperty("hub").GetString() == $"{Address(hub)}:8443"
            && tunnel.GetProperty("state").GetString() == "ready"
            && tunnel.GetProperty("connections").GetInt32() >= Environment.ProcessorCount);

    /// <summary>Waits until both edges have their tunnels to this hub.</summary>
    public Task<TimeSpan> UntilBackAsync(string hub, CancellationToken cancellation) => Poll.UntilAsync(
        $"both edges have their tunnels to {hub}",
        async token => await HasTunnelsAsync("edge1", hub, token) && await HasTunnelsAsync("edge2", hub, token),
        cancellation);

    /// <summary>Waits until every hub is ready and every edge connected to it.</summary>
    public async Task WholeAsync(CancellationToken cancellation)
    {
        foreach (var hub in Hubs)
        {
            await Poll.UntilAsync($"{hub} is ready", token => IsReadyAsync(hub, token), cancellation);
            await UntilBackAsync(hub, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await RunAsync("down", [], Timeouts.ToEnd());
        _directory.Dispose();
    }

    private static string MemberOf(string row)
    {
        var member = JsonSerializer.Deserialize<JsonElement>(row);
        return $"{member.GetProperty("SiloAddress")} {member.GetProperty("Status")}";
    }

    private async Task<bool> IsReadyAsync(string hub, CancellationToken cancellation)
    {
        try
        {
            using var response = await _clients[hub].GetAsync(new Uri("http://127.0.0.1:9080/readyz"), cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonElement?> GetAsync(string node, string url, CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(await _clients[node].GetStringAsync(new Uri(url), cancellation));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task RunAsync(string command, string[] arguments, CancellationToken cancellation, params string[] options)
    {
        var script = Path.Combine(Repository.Root, "infra", "scripts", "netns-cluster.sh");
        var (exitCode, output, error) = await Tool.RunAsync("bash", [script, command, "--name", _name, "--dir", State, .. options, .. arguments], cancellation);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"netns-cluster.sh {command} {string.Join(' ', arguments)}: {exitCode}\n{output}\n{error}");
        }
    }
}
