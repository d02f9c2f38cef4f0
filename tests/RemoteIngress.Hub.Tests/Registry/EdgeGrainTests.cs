using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Registry;

public sealed class EdgeGrainTests(RegistryCluster cluster) : IClassFixture<RegistryCluster>
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_edge_that_nobody_registered_is_null_and_not_an_error()
    {
        var grain = cluster.Edge(NewId());

        Assert.Null(await grain.GetAsync());
        Assert.Null(await grain.GetViewAsync());
        Assert.Null(await grain.RotateSecretAsync(EdgeSecret.Create(), null));
        Assert.Null(await grain.VerifySecretAsync("x"));
        Assert.False((await grain.GetVersionAsync()).Registered);
        Assert.Equal(EdgeChangeOutcome.NotFound, (await grain.RemoveAsync()).Outcome);
    }

    [Fact]
    public async Task A_new_edge_is_stored_as_verifier_and_told_to_every_hub()
    {
        var edge = NewEdge(ports: [443, 80]);

        var result = await cluster.Edge(edge.Id).ApplyAsync(edge);

        Assert.Equal(EdgeChangeOutcome.Created, result.Outcome);
        foreach (var sink in cluster.Sinks)
        {
            var arrival = await sink.ChangedAsync(edge.Id);
            Assert.Equal(result.Generation, arrival.Generation);
            Assert.Equal([443, 80], arrival.Record!.Settings.ListenPorts);
            Assert.True(EdgeSecrets.Matches(Assert.Single(arrival.Record.Verifiers), "correct horse"));
        }

        Assert.Equal(2, cluster.Sinks.Count);
        Assert.DoesNotContain("correct horse", cluster.Storage.Dump());
    }

    [Fact]
    public async Task A_new_edge_without_a_secret_is_refused_with_the_cure()
    {
        var edge = NewEdge(secret: null);

        var result = await cluster.Edge(edge.Id).ApplyAsync(edge);

        Assert.Equal(EdgeChangeOutcome.Invalid, result.Outcome);
        var error = Assert.Single(result.Errors);
        Assert.Equal("secret", error.Path);
        Assert.StartsWith("required for a new edge", error.Message);
        Assert.Null(await cluster.Edge(edge.Id).GetAsync());
    }

    [Theory]
    [InlineData("correct horse")]
    [InlineData(null)]
    public async Task The_same_again_writes_nothing_and_pushes_nothing(string? secret)
    {
        var edge = NewEdge(ports: [443, 80]);
        var created = await cluster.Edge(edge.Id).ApplyAsync(edge);
        await PushedEverywhereAsync(edge.Id, created.Generation);
        var (writes, pushes) = (cluster.Storage.Writes, cluster.Pushes(edge.Id));

        var again = await cluster.Edge(edge.Id).ApplyAsync(edge with { Secret = secret, ListenPorts = [80, 443] });
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id));
        var afterActivation = await cluster.Edge(edge.Id).ApplyAsync(edge with { Secret = secret });

        Assert.Equal(EdgeChangeOutcome.Unchanged, again.Outcome);
        Assert.Equal(EdgeChangeOutcome.Unchanged, afterActivation.Outcome);
        Assert.Equal(created.Generation, afterActivation.Generation);
        Assert.Equal(writes, cluster.Storage.Writes);

        // pushes to one silo arrive in order: what came before this one would have come by now
        var marker = await cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [81] });
        await PushedEverywhereAsync(edge.Id, marker.Generation);
        Assert.Equal(pushes + 2, cluster.Pushes(edge.Id));
    }

    [Fact]
    public async Task A_change_raises_the_generation_and_keeps_the_secret()
    {
        var edge = NewEdge(ports: [80]);
        var created = await cluster.Edge(edge.Id).ApplyAsync(edge);
        var before = await cluster.Edge(edge.Id).GetAsync();

        var changed = await cluster.Edge(edge.Id).ApplyAsync(edge with { Secret = null, ListenPorts = [80, 81] });

        Assert.Equal(EdgeChangeOutcome.Updated, changed.Outcome);
        Assert.True(changed.Generation > created.Generation);
        var after = await cluster.Edge(edge.Id).GetAsync();
        Assert.Equal(before!.Verifiers[0].StoredKey, after!.Verifiers[0].StoredKey);
        Assert.Equal([80, 81], after.Settings.ListenPorts);
    }

    [Fact]
    public async Task Another_secret_is_a_change_with_a_new_salt()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        var before = await cluster.Edge(edge.Id).GetAsync();

        var changed = await cluster.Edge(edge.Id).ApplyAsync(edge with { Secret = "battery staple" });

        Assert.Equal(EdgeChangeOutcome.Updated, changed.Outcome);
        var verifier = Assert.Single((await cluster.Edge(edge.Id).GetAsync())!.Verifiers);
        Assert.True(EdgeSecrets.Matches(verifier, "battery staple"));
        Assert.NotEqual(before!.Verifiers[0].Salt, verifier.Salt);
        Assert.False(await cluster.Edge(edge.Id).VerifySecretAsync("correct horse"));
        Assert.True(await cluster.Edge(edge.Id).VerifySecretAsync("battery staple"));
    }

    [Fact]
    public async Task Rotation_replaces_the_secret_at_once()
    {
        var edge = NewEdge();
        var created = await cluster.Edge(edge.Id).ApplyAsync(edge);

        var rotation = await cluster.Edge(edge.Id).RotateSecretAsync(EdgeSecret.Create(), null);

        Assert.True(rotation!.Generation > created.Generation);
        Assert.Null(rotation.OldSecretValidUntil);
        var verifier = Assert.Single((await cluster.Edge(edge.Id).GetAsync())!.Verifiers);
        Assert.True(EdgeSecrets.Matches(verifier, rotation.Secret));
        Assert.False(EdgeSecrets.Matches(verifier, "correct horse"));
        Assert.DoesNotContain(rotation.Secret, cluster.Storage.Dump());
        Assert.DoesNotContain(rotation.Secret, rotation.ToString());
    }

    [Fact]
    public async Task Rotation_with_an_overlap_keeps_the_old_secret_for_a_while_under_the_same_challenge()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);

        var rotation = await cluster.Edge(edge.Id).RotateSecretAsync(EdgeSecret.Create(), TimeSpan.FromHours(1));

        var verifiers = (await cluster.Edge(edge.Id).GetAsync())!.Verifiers;
        Assert.Equal(2, verifiers.Length);
        Assert.True(EdgeSecrets.Matches(verifiers[0], rotation!.Secret));
        Assert.True(EdgeSecrets.Matches(verifiers[1], "correct horse"));
        Assert.Equal(verifiers[0].Salt, verifiers[1].Salt);
        Assert.Equal(verifiers[0].Iterations, verifiers[1].Iterations);
        Assert.Null(verifiers[0].NotAfter);
        Assert.Equal(rotation.OldSecretValidUntil, verifiers[1].NotAfter);
        Assert.True(verifiers[1].IsValidAt(rotation.OldSecretValidUntil!.Value.AddSeconds(-1)));
        Assert.False(verifiers[1].IsValidAt(rotation.OldSecretValidUntil.Value));
    }

    [Fact]
    public async Task Rotation_asked_again_with_the_same_secret_leaves_the_old_one_its_overlap()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        var secret = EdgeSecret.Create();
        var first = await cluster.Edge(edge.Id).RotateSecretAsync(secret, TimeSpan.FromHours(1));
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id));
        var writes = cluster.Storage.Writes;

        var again = await cluster.Edge(edge.Id).RotateSecretAsync(secret, TimeSpan.FromHours(1));

        Assert.Equal(first, again);
        Assert.Equal(writes, cluster.Storage.Writes);
        Assert.True(EdgeSecrets.Matches((await cluster.Edge(edge.Id).GetAsync())!.Verifiers[1], "correct horse"));
    }

    [Fact]
    public async Task Removal_is_told_to_every_hub_and_what_comes_after_is_later()
    {
        var edge = NewEdge();
        var created = await cluster.Edge(edge.Id).ApplyAsync(edge);

        var removed = await cluster.Edge(edge.Id).RemoveAsync();

        Assert.Equal(EdgeChangeOutcome.Removed, removed.Outcome);
        Assert.True(removed.Generation > created.Generation);
        foreach (var sink in cluster.Sinks)
        {
            Assert.Equal(removed.Generation, (await sink.RemovedAsync(edge.Id)).Generation);
        }

        Assert.Null(await cluster.Edge(edge.Id).GetAsync());
        Assert.False(cluster.Storage.Contains("edge", edge.Id));
        var again = await cluster.Edge(edge.Id).ApplyAsync(edge);
        Assert.Equal(EdgeChangeOutcome.Created, again.Outcome);
        Assert.True(again.Generation > removed.Generation);
    }

    [Fact]
    public async Task An_intent_that_is_older_than_the_edge_changes_nothing()
    {
        var edge = NewEdge(ports: [80]);
        var plan = await cluster.Edge(edge.Id).PlanAsync(edge);
        await cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [81] });
        await cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [82] });

        var result = await cluster.Edge(edge.Id).CommitAsync(plan.Intent!);

        Assert.Equal(EdgeChangeOutcome.Unchanged, result.Outcome);
        Assert.Equal([82], (await cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task A_failed_write_leaves_the_edge_as_it_was()
    {
        var edge = NewEdge(ports: [80]);
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        cluster.Storage.FailWrite = grain => grain.Key.ToString() == edge.Id;
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(() => cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [81] }));
        }
        finally
        {
            cluster.Storage.FailWrite = _ => false;
        }

        Assert.Equal([80], (await cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);
        Assert.Equal(EdgeChangeOutcome.Updated, (await cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [81] })).Outcome);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_looked_up_before_anything_is_built_on_it()
    {
        var edge = NewEdge(ports: [80]);
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        await LosingAnswersAsync(edge.Id, () => cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [81] }));
        Assert.Equal([80], (await cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);

        // "unchanged" would be true of memory, and wrong after the next activation
        var back = await cluster.Edge(edge.Id).ApplyAsync(edge);
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id));

        Assert.Equal(EdgeChangeOutcome.Updated, back.Outcome);
        Assert.Equal([80], (await cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task A_removal_whose_answer_was_lost_is_done_by_the_next_try()
    {
        var edge = NewEdge(ports: [80]);
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        await LosingAnswersAsync(edge.Id, () => cluster.Edge(edge.Id).RemoveAsync());

        Assert.Equal(EdgeChangeOutcome.Removed, (await cluster.Edge(edge.Id).RemoveAsync()).Outcome);

        await Task.WhenAll(cluster.Sinks.Select(sink => sink.RemovedAsync(edge.Id)));
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id));
        Assert.Null(await cluster.Edge(edge.Id).GetAsync());
    }

    [Fact]
    public async Task A_record_that_storage_lost_is_written_again_by_the_next_change()
    {
        var edge = NewEdge(ports: [80]);
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        cluster.Storage.Lose("edge", edge.Id);

        var result = await cluster.Edge(edge.Id).ApplyAsync(edge with { ListenPorts = [81] });
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id));

        Assert.Equal(EdgeChangeOutcome.Updated, result.Outcome);
        Assert.Equal([81], (await cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task The_view_shows_desired_beside_observed_at_hubs_that_are_still_there()
    {
        var edge = NewEdge(ports: [80]);
        var created = await cluster.Edge(edge.Id).ApplyAsync(edge);
        var acknowledgement = new EdgeAcknowledgement
        {
            HubId = cluster.HubIds[0],
            InstanceId = "a",
            Generation = created.Generation,
            At = Noon,
            Ports = [new PortResult(80, "tcp", Bound: false, "address in use")],
            Firewall = new FirewallResult("auto", "applied"),
        };

        await cluster.Edge(edge.Id).ReportAsync(Presence(cluster.HubIds[0], connected: true, Noon));
        await cluster.Edge(edge.Id).ReportAsync(Presence("a-hub-that-died", connected: true, Noon));
        await cluster.Edge(edge.Id).AcknowledgeAsync(acknowledgement);

        var view = await cluster.Edge(edge.Id).GetViewAsync();
        Assert.True(view!.HasSecret);
        Assert.Equal(created.Generation, view.Generation);
        var observed = Assert.Single(view.Observed);
        Assert.Equal(cluster.HubIds[0], observed.HubId);
        Assert.Equal("192.0.2.1:5000", observed.RemoteAddress);
        Assert.Equal(created.Generation, observed.Acknowledgement!.Generation);
        Assert.Equal("address in use", Assert.Single(observed.Acknowledgement.Ports).Error);
    }

    [Fact]
    public async Task A_late_goodbye_of_an_earlier_connection_does_not_hide_the_present_one()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        var hub = cluster.HubIds[0];

        await cluster.Edge(edge.Id).ReportAsync(Presence(hub, connected: true, Noon.AddSeconds(10)));
        await cluster.Edge(edge.Id).ReportAsync(Presence(hub, connected: false, Noon.AddSeconds(9)));
        Assert.Single((await cluster.Edge(edge.Id).GetViewAsync())!.Observed);

        await cluster.Edge(edge.Id).ReportAsync(Presence(hub, connected: false, Noon.AddSeconds(11)));
        Assert.Empty((await cluster.Edge(edge.Id).GetViewAsync())!.Observed);
    }

    [Fact]
    public async Task A_hub_that_was_killed_and_is_back_holds_only_what_it_says_now()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        var hub = cluster.HubIds[0];
        var present = cluster.Hub(hub).Own().InstanceId;

        await cluster.Edge(edge.Id).ReportAsync(Presence(hub, connected: true, Noon) with { HubInstanceId = "the run before" });
        Assert.Empty((await cluster.Edge(edge.Id).GetViewAsync())!.Observed);

        await cluster.Edge(edge.Id).ReportAsync(Presence(hub, connected: true, Noon.AddSeconds(1)) with { HubInstanceId = present });
        Assert.Equal(present, Assert.Single((await cluster.Edge(edge.Id).GetViewAsync())!.Observed).HubInstanceId);
    }

    private async Task LosingAnswersAsync(string edgeId, Func<Task> change)
    {
        cluster.Storage.LoseAnswer = grain => grain.Key.ToString() == edgeId;
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(change);
        }
        finally
        {
            cluster.Storage.LoseAnswer = _ => false;
        }
    }

    private static EdgePresence Presence(string hubId, bool connected, DateTimeOffset at) => new()
    {
        HubId = hubId,
        InstanceId = "a",
        Connected = connected,
        At = at,
        RemoteAddress = "192.0.2.1:5000",
        Transport = "tcpTls",
    };

    private Task<RecordingSink.Arrival[]> PushedEverywhereAsync(string edgeId, long generation) =>
        Task.WhenAll(cluster.Sinks.Select(sink => sink.ChangedAsync(edgeId, generation)));
}
