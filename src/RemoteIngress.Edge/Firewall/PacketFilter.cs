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
    private string? _inForce;
    private bool _isCertain;
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
                var applied = Counters.Applied + Counters.Removed;
                _wanted = config;
                State = await ReplaceAsync(config, cancellationToken);

                // That it cannot be used is nobody's concern before it is asked for.
                isChanged = (State != _told || Counters.Applied + Counters.Removed != applied) && (config is not null || !State.IsProblem);
                _told = isChanged ? State : _told;
            },
            cancellationToken);
        return isChanged;
    }

    /// <summary>What CONFIG_ACK says; null when nothing was asked for.</summary>
    internal FirewallResult? Result(FirewallConfig? config) => config is null ? null : Outcome;

    /// <summary>How it is, as CONFIG_ACK and events say it.</summary>
    internal FirewallResult Outcome
    {
        get
        {
            var status = Status;
            return new FirewallResult { Mode = status.Mode, State = status.State, Error = status.Error };
        }
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
