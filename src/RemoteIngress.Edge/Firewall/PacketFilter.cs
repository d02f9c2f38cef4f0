using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Status;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Edge.Firewall;

/// <summary>
/// Owns the table <c>inet remoteingress</c> of this network namespace: applies configurations one after another, lets new addresses of
/// hubs through, takes the table away at the end. Every call of nft is bounded in time, and none is made at a loop's expense.
/// </summary>
internal sealed partial class PacketFilter : IDisposable
{
    internal const string InUse = $"the table {FirewallRenderer.Table} belongs to another running edge here; start one of the two with --firewall off";

    private static readonly string[] Apply = ["-f", "-"];
    private static readonly string[] Check = ["-c", "-f", "-"];

    private static readonly TimeSpan LookAfterEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AdmitAgainAfter = TimeSpan.FromSeconds(5);

    private readonly FirewallMode _mode;
    private readonly INft _nft;
    private readonly KnownPeers _peers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TableLock _table;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task _started = Task.CompletedTask;
    private FirewallState _state;
    private FirewallState _told = FirewallState.Inactive;
    private FirewallConfig? _wanted;
    private FirewallState? _putBackFailed;
    private FirewallPlan? _inForce;
    private string? _text;
    private bool _isUsable;
    private bool _hasTable;

    internal PacketFilter(FirewallMode mode, INft nft, TableLock table, KnownPeers peers, TimeProvider time, ILogger<PacketFilter> logger)
    {
        _mode = mode;
        _nft = nft;
        _table = table;
        _peers = peers;
        _time = time;
        _logger = logger;
        _state = mode == FirewallMode.Off ? FirewallState.Off : FirewallState.Inactive;
    }

    internal FirewallCounters Counters { get; } = new();

    /// <summary>What it last asked for is not in force, but for a reason that may pass.</summary>
    internal bool NeedsRetry => State.IsProblem && _wanted is not null;

    internal FirewallState State
    {
        get => Volatile.Read(ref _state);
        private set => Volatile.Write(ref _state, value);
    }

    internal EdgeFirewallStatus Status => Describe(State);

    /// <summary>Finds out whether the packet filter can be used, and adopts a table that a dead edge left. How it went, <see cref="State"/> says.</summary>
    internal Task StartAsync(CancellationToken cancellationToken)
    {
        _started = _mode == FirewallMode.Off ? Task.CompletedTask : InTurnAsync(() => ProbeAsync(cancellationToken), cancellationToken);
        return _started;
    }

    /// <summary>
    /// Puts a configuration in force, null for none. What is in force already is left alone, with what its limits have counted. Returns
    /// whether there is something to tell.
    /// </summary>
    internal async Task<bool> ApplyAsync(FirewallConfig? config, CancellationToken cancellationToken)
    {
        if (_mode == FirewallMode.Off)
        {
            return false;
        }

        await _started;
        var isChanged = false;
        await InTurnAsync(
            async () =>
            {
                var text = _text;
                _wanted = config;
                State = await ReplaceAsync(config, cancellationToken);

                // That it cannot be used is nobody's concern before it is asked for.
                isChanged = (State != _told || _text != text) && (config is not null || !State.IsProblem);
                _told = isChanged ? State : _told;
            },
            cancellationToken);
        return isChanged;
    }

    /// <summary>What CONFIG_ACK says; null when nothing was asked for.</summary>
    internal FirewallResult? Result(FirewallConfig? config)
    {
        var status = Status;
        return config is null ? null : new FirewallResult { Mode = status.Mode, State = status.State, Error = status.Error };
    }

    /// <summary>
    /// Lets hubs through whose addresses became known, at once; and puts back a table that somebody else flushed away, within a minute.
    /// </summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await _started;
        while (_mode != FirewallMode.Off)
        {
            await _peers.WaitForChangeAsync(LookAfterEvery, _time, cancellationToken);
            var isDone = false;
            while (!isDone)
            {
                await InTurnAsync(async () => isDone = await AdmitAsync(cancellationToken), cancellationToken);
                await Task.Delay(isDone ? TimeSpan.Zero : AdmitAgainAfter, _time, cancellationToken);
            }
        }
    }

    /// <summary>Takes the table away. Returns why it is still there, or null.</summary>
    internal async Task<string?> StopAsync()
    {
        string? error = null;
        await _started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await InTurnAsync(async () => error = await RemoveAsync(CancellationToken.None), CancellationToken.None);
        _table.Release();
        return error;
    }

    public void Dispose()
    {
        _table.Dispose();
        _turn.Dispose();
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        if (await FindUsableAsync(cancellationToken) is { } reason)
        {
            State = FirewallState.Unavailable(reason);
            return;
        }

        var tables = await _nft.RunAsync(["list", "tables", "inet"], "", cancellationToken);
        var isThere = tables.Output.Split('\n').Any(line => line.Trim() == "table " + FirewallRenderer.Table);
        if (!isThere && _mode == FirewallMode.Auto)
        {
            return;
        }

        if (!_table.TryAcquire())
        {
            // With nothing to apply yet, another edge's table concerns only one that insists on its own.
            State = _mode == FirewallMode.Required ? FirewallState.Unavailable(InUse) : State;
            return;
        }

        _hasTable = isThere;
        State = isThere ? FirewallState.Kept : State;
        await AdmitAsync(cancellationToken);
    }

    /// <summary>Why the packet filter cannot be used, or null.</summary>
    private async Task<string?> FindUsableAsync(CancellationToken cancellationToken)
    {
        if (_isUsable)
        {
            return null;
        }

        var result = await _nft.RunAsync(Check, FirewallRenderer.Render(FirewallPlan.Empty, []), cancellationToken);
        _isUsable = result.IsOk;
        return result.Error;
    }

    private async Task<FirewallState> ReplaceAsync(FirewallConfig? config, CancellationToken cancellationToken)
    {
        if (FirewallReader.Read(config, out var error) is not { } plan)
        {
            return Fail(FirewallState.Failed(error));
        }

        if (plan.IsEmpty)
        {
            return await RemoveAsync(cancellationToken) is { } reason ? Fail(FirewallState.Failed(reason)) : WithoutRules(config);
        }

        var text = FirewallRenderer.Render(plan, []);
        if (text == _text)
        {
            return FirewallState.Applied;
        }

        if (await FindUsableAsync(cancellationToken) is { } unusable)
        {
            return Fail(FirewallState.Unavailable(unusable));
        }

        if (!_table.TryAcquire())
        {
            return Fail(FirewallState.Unavailable(InUse));
        }

        return await ApplyAsync(plan, cancellationToken) is { } refusal ? Fail(FirewallState.Failed(refusal)) : FirewallState.Applied;
    }

    private FirewallState WithoutRules(FirewallConfig? config) =>
        config is not null ? FirewallState.Applied
        : !_isUsable && State.IsProblem ? State
        : FirewallState.Inactive;

    private async Task<string?> ApplyAsync(FirewallPlan plan, CancellationToken cancellationToken)
    {
        // Until it is known how this ends there may be a table: better one removal too many than a table that stays.
        var hadTable = _hasTable;
        _hasTable = true;
        var result = await _nft.RunAsync(Apply, FirewallRenderer.Render(plan, _peers.Current), cancellationToken);
        if (result.IsOk)
        {
            (_inForce, _text) = (plan, FirewallRenderer.Render(plan, []));
            Counters.OnApplied();
        }
        else
        {
            _hasTable = hadTable || result.IsUnknown;
            _text = result.IsUnknown ? null : _text;
        }

        return result.Error;
    }

    private async Task<string?> RemoveAsync(CancellationToken cancellationToken)
    {
        if (_hasTable)
        {
            var result = await _nft.RunAsync(Apply, FirewallRenderer.Removal, cancellationToken);
            if (!result.IsOk)
            {
                return $"{result.Error}; remove it by hand: nft delete table {FirewallRenderer.Table}";
            }

            (_inForce, _text, _hasTable) = (null, null, false);
            Counters.OnRemoved();
        }

        // Not in the way of another edge while this one wants no table; one that insists keeps its place.
        if (_mode != FirewallMode.Required)
        {
            _table.Release();
        }

        return null;
    }

    /// <summary>Brings the sets of peers up to date. False: to be tried again.</summary>
    private async Task<bool> AdmitAsync(CancellationToken cancellationToken)
    {
        if (!_hasTable || (await _nft.RunAsync(Apply, FirewallRenderer.RenderPeers(_peers.Current), cancellationToken)) is not { IsOk: false } result)
        {
            return true;
        }

        // Somebody took it away or changed it, or it is of another version: ours comes back whole, what a dead edge left goes.
        if (_putBackFailed is null)
        {
            LogPutBack(result.Error!);
        }

        var error = _inForce is { } plan ? await ApplyAsync(plan, cancellationToken) : await RemoveAsync(cancellationToken);
        var before = State;
        if (error is not null)
        {
            State = _putBackFailed = Fail(FirewallState.Failed(error));
            return false;
        }

        State = _inForce is null && before == FirewallState.Kept ? FirewallState.Inactive
            : _inForce is not null && before == _putBackFailed ? FirewallState.Applied
            : before;
        _putBackFailed = null;
        return true;
    }

    private EdgeFirewallStatus Describe(FirewallState state) => new() { Mode = PlannedWords.Of(_mode), State = state.Word, Error = state.Error };

    private FirewallState Fail(FirewallState state)
    {
        Counters.OnFailed();
        return state;
    }

    private async Task InTurnAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(2301, LogLevel.Warning, "the table inet remoteingress is not as this edge left it and is put right: {Reason}", EventName = "FirewallPutBack")]
    private partial void LogPutBack(string reason);
}
