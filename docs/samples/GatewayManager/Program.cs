// What a gateway manager such as dcrouter does with a cluster of hubs: it says which edges there shall be, hands out tokens, watches, changes, rotates secrets.
// Run it against hubs that were started with --redis and --advertise:
//   dotnet run --project docs/samples/GatewayManager -- REDIS PUBLIC-PORT TARGET        for example 127.0.0.1:6379 8080 127.0.0.1:80
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RemoteIngress.Client;
using RemoteIngress.Contracts;

if (args is not [var redis, var portText, var target] || !int.TryParse(portText, out var port))
{
    Console.Error.WriteLine("give REDIS PUBLIC-PORT TARGET, for example 127.0.0.1:6379 8080 127.0.0.1:80");
    return 2;
}

// 1. The client. It connects in the background: the application starts whether a hub is there or not.
var builder = Host.CreateEmptyApplicationBuilder(null);
builder.Services.AddRemoteIngressClient(options => options.Redis = redis);
using var host = builder.Build();
using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
await host.StartAsync(deadline.Token);
var client = host.Services.GetRequiredService<IRemoteIngressClient>();
const string edgeId = "sample-edge";
var secret = EdgeSecret.Create();

try
{
    // 2. The whole list. With an error in it nothing changes, and every error is named. A manager does this at its start, after every change of its
    //    own configuration and once a minute: an unchanged list costs next to nothing, and repairs what a loss of data took.
    var result = await client.UpdateAllowedEdgesAsync([Desired(secret, port)], deadline.Token);
    foreach (var error in result.Errors)
    {
        Console.Error.WriteLine(error);
    }

    if (!result.Succeeded)
    {
        return 1;
    }

    Console.WriteLine($"created {result.Created.Length}, updated {result.Updated.Length}, removed {result.Removed.Length}, unchanged {result.Unchanged.Length}");

    // 3. What the edge is started with. The registry never has the secret: whoever wants a token brings it.
    var token = await client.IssueTokenAsync(edgeId, secret, cancellationToken: deadline.Token);
    Console.WriteLine(token.Outcome == EdgeTokenOutcome.Issued
        ? $"start an edge: REMOTEINGRESS_TOKEN={token.Token} remoteingress edge"
        : $"no token: {token.Outcome} {string.Join("; ", token.Errors)}");

    // 4. Everything that happens, for as long as one likes. Here: until the edge has opened its port.
    await WatchUntilAsync(edge => edge.Observed.Any(observation => IsOpen(observation, port)));
    Console.WriteLine($"{edgeId} listens on {port}");

    // 5. One edge changed, without its secret: the stored one stays. It is in force at the edge some milliseconds later.
    var change = await client.UpsertEdgeAsync(Desired(secret: null, port) with { StunIntervalSecs = 600 }, deadline.Token);
    Console.WriteLine($"{change.Outcome}: generation {change.Generation}");
    await WatchUntilAsync(edge => edge.Observed.Any(observation => observation.Acknowledgement?.Generation >= change.Generation));
    Console.WriteLine("acknowledged");

    // 6. A new secret. Until the overlap is over, tunnels of both are served: time to start the edge anew with the new token.
    var rotation = await client.RotateSecretAsync(edgeId, TimeSpan.FromMinutes(10), deadline.Token);
    Console.WriteLine($"the old secret works until {rotation!.OldSecretValidUntil:u}");

    // 7. The whole cluster at one look.
    var status = await client.GetStatusAsync(deadline.Token);
    Console.WriteLine($"{status.Hubs.Count} hub, {status.Edges.Count} edge, {status.ConnectedEdges} connected");
    Console.WriteLine("done");
    return 0;
}
catch (RegistryUnavailableException e)
{
    // The outcome of a change is not known then; to ask again is safe. A manager goes on and tries at its next round.
    Console.Error.WriteLine(e.Message);
    return 1;
}

AllowedEdge Desired(string? secret, int port) => new()
{
    Id = edgeId,
    Secret = secret,
    ListenPorts = [port],
    PortOptions = ImmutableDictionary<string, PortOptions>.Empty.Add($"{port}", new PortOptions { Target = target, ProxyProtocol = "none" }),
};

async Task WatchUntilAsync(Func<EdgeView, bool> isReached)
{
    await foreach (var seen in client.WatchAsync(deadline.Token))
    {
        Console.WriteLine($"watch: {seen.Kind} {seen.EdgeId} at {seen.Edge.Observed.Length} places");
        if (seen.EdgeId == edgeId && seen.Kind != EdgeEventKind.Removed && isReached(seen.Edge))
        {
            return;
        }
    }
}

static bool IsOpen(EdgeObservation observation, int port) =>
    observation.Acknowledgement is { } acknowledgement && acknowledgement.Ports.Any(result => result.Port == port && result.Bound);
