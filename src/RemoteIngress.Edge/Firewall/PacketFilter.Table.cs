using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Edge.Firewall;

// What is done to the table, one thing at a time: the callers are in turn.
internal sealed partial class PacketFilter
{
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

        var result = await _nft.RunAsync(Check, FirewallRenderer.Render(FirewallRenderer.RenderRules(FirewallPlan.Empty), []), cancellationToken);
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

        var rules = FirewallRenderer.RenderRules(plan);
        if (rules == _inForce && _isCertain)
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

        return await ApplyAsync(rules, cancellationToken) is { } refusal ? Fail(FirewallState.Failed(refusal)) : FirewallState.Applied;
    }

    private FirewallState WithoutRules(FirewallConfig? config) =>
        config is not null ? FirewallState.Applied
        : !_isUsable && State.IsProblem ? State
        : FirewallState.Inactive;

    private async Task<string?> ApplyAsync(string rules, CancellationToken cancellationToken)
    {
        // Until it is known how this ends there may be a table: better one removal too many than a table that stays.
        var hadTable = _hasTable;
        _hasTable = true;
        var result = await _nft.RunAsync(Apply, FirewallRenderer.Render(rules, _peers.Current), cancellationToken);
        if (result.IsOk)
        {
            (_inForce, _isCertain) = (rules, true);
            Counters.OnApplied();
        }
        else
        {
            _hasTable = hadTable || result.IsUnknown;
            _isCertain &= !result.IsUnknown;
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

            (_inForce, _hasTable) = (null, false);
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

        var error = _inForce is { } rules ? await ApplyAsync(rules, cancellationToken) : await RemoveAsync(cancellationToken);
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
}
