using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;

namespace RemoteIngress.Hub.Cluster;

/// <summary>
/// Asks every other hub of the cluster how it is: whenever membership changes, when one says that it changed, and every two seconds. Lives and
/// ends with its silo. Who is a member is for membership to say; one that does not answer is as it last was until membership drops it.
/// <para>Asked and not announced through a table: there is nothing to expire or to repair, and a hub that is gone leaves nothing behind.</para>
/// </summary>
internal sealed partial class HubPeers(
    HubDirectory hubs,
    IClusterMembershipService membership,
    IHubServiceClient client,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<HubPeers> logger) : IHostedService, IDisposable
{
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger = logger;
    private readonly ConcurrentDictionary<SiloAddress, HubView> _known = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private string? _toldNamesake;

    /// <summary>Address and port of this silo.</summary>
    internal string Own => silo.SiloAddress.Endpoint.ToString();

    private IEnumerable<ClusterMember> Others => membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(silo.SiloAddress));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        hubs.Attach(this);
        _running = Task.WhenAll(
            hubs.Supervisor.Start("hub directory", () => RunAsync(_stopping.Token), _stopping.Token),
            hubs.Supervisor.Start("hub directory membership", () => WatchAsync(_stopping.Token), _stopping.Token));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        hubs.Detach(this);
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Asks again soon instead of at the end of the period.</summary>
    internal void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Makes the others ask this hub. Nobody waits for it: whom it does not reach asks in two seconds.</summary>
    internal void TellOthers()
    {
        foreach (var other in Others)
        {
            _ = TellAsync(other.SiloAddress);
        }
    }

    /// <summary>Makes that hub drain.</summary>
    /// <exception cref="RegistryUnavailableException">It cannot be reached.</exception>
    internal Task DrainAsync(HubView hub, CancellationToken cancellationToken) => CallAsync(
        hub,
        async service =>
        {
            await service.DrainAsync();
            return true;
        },
        cancellationToken);

    /// <summary>The edges that have tunnels at that hub.</summary>
    /// <exception cref="RegistryUnavailableException">It cannot be reached.</exception>
    internal Task<ImmutableArray<HeldEdge>> HeldEdgesAsync(HubView hub, CancellationToken cancellationToken) =>
        CallAsync(hub, static service => service.HeldEdgesAsync(), cancellationToken);

    private async Task<T> CallAsync<T>(HubView hub, Func<IHubService, Task<T>> call, CancellationToken cancellationToken)
    {
        var address = _known.FirstOrDefault(known => known.Value.InstanceId == hub.InstanceId).Key
            ?? throw new RegistryUnavailableException($"hub '{hub.HubId}' has just left the cluster; ask for the hubs again");
        try
        {
            return await call(client.At(address)).WaitAsync(AnswerTimeout, time, cancellationToken);
        }
        catch (Exception e) when (RegistryFailures.IsUnavailable(e))
        {
            throw new RegistryUnavailableException($"hub '{hub.HubId}' at {hub.SiloAddress} does not answer; try again, or look there", e);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Those who are gone are gone at once, however long the others take to answer.
            Publish();
            await Task.WhenAll(Others.Select(member => AskAsync(member.SiloAddress, cancellationToken)).ToArray());
            Publish();
            await Task.Delay(Apart, time, cancellationToken);
            await WaitAsync(cancellationToken);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var _ in membership.MembershipUpdates.WithCancellation(cancellationToken))
                {
                    Wake();
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // The silo was declared dead, and another one takes its place.
                LogNotWatched(e.Message);
            }

            await Task.Delay(Period, time, cancellationToken);
        }
    }

    private void Publish()
    {
        ClusterMember[] members = [.. Others];
        foreach (var gone in _known.Keys.Except(members.Select(static member => member.SiloAddress)).ToArray())
        {
            _known.TryRemove(gone, out _);
        }

        hubs.Update([.. members.Select(member => _known.GetValueOrDefault(member.SiloAddress)).OfType<HubView>()]);
        TellOfNamesake(members);
    }

    private async Task AskAsync(SiloAddress address, CancellationToken cancellationToken)
    {
        try
        {
            _known[address] = await client.At(address).DescribeAsync().WaitAsync(AnswerTimeout, time, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Also a hub of a version that has no directory: it cannot be asked, and serves its edges all the same.
            LogNoAnswer(address, e.Message);
        }
    }

    private async Task TellAsync(SiloAddress address)
    {
        try
        {
            await client.At(address).AskAgainAsync();
        }
        catch (Exception e)
        {
            LogNoAnswer(address, e.Message);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var period = new CancellationTokenSource(Period, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(period.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the period is over
        }
    }

    // Presence, drain and the edges' tunnels go by the name: two hubs of one name would take each other's place.
    private void TellOfNamesake(ClusterMember[] others)
    {
        var namesake = others.FirstOrDefault(member => member.Name == silo.Name)?.SiloAddress.Endpoint.ToString();
        if (namesake is not null && namesake != _toldNamesake)
        {
            LogNamesake(silo.Name, namesake);
        }

        _toldNamesake = namesake;
    }

    [LoggerMessage(3280, LogLevel.Debug, "The hub at {Silo} did not answer: {Reason}", EventName = "HubSilent")]
    private partial void LogNoAnswer(SiloAddress silo, string reason);

    [LoggerMessage(3281, LogLevel.Debug, "Membership cannot be watched: {Reason}", EventName = "MembershipUnwatched")]
    private partial void LogNotWatched(string reason);

    [LoggerMessage(
        3282, LogLevel.Error, "Another hub, at {Silo}, is called {HubId} too: edges would take the two for one; give every hub its own --hub-id", EventName = "HubNamesake")]
    private partial void LogNamesake(string hubId, string silo);
}
