using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Hubs;

/// <summary>
/// Decides, for all loops together, which hubs this edge has tunnels to: those it was given and those that hubs name. A hub that is silent or
/// gone takes nobody with it: while no hub names any, those named last stay. Ordinary async code beside the loops.
/// </summary>
internal sealed partial class HubFollower(EdgeOptions options, HubOpinions opinions, KnownPeers peers, TimeProvider time, ILogger<HubFollower> logger)
{
    // Lists change when hubs come and go; a hub that says something else all the time must not keep us busy.
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _logger = logger;
    private readonly HubListFile? _file = options.DataDir is { } directory ? new HubListFile(directory) : null;
    private IReadOnlyList<HubAddress> _named = [];
    private IReadOnlyList<HubAddress> _written = [];
    private bool _hasFailedToWrite;

    /// <summary>The hubs to have tunnels to, the preferred ones first.</summary>
    internal IReadOnlyList<HubAddress> Wanted { get; private set; } = options.Hubs;

    /// <summary>Takes what was known when this edge last ran.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_file is null)
        {
            return;
        }

        var (hubs, error) = await _file.ReadAsync(cancellationToken);
        if (error is not null)
        {
            LogUnreadable(_file.Path, error);
        }

        _named = _written = hubs;
        Decide(new Dictionary<HubAddress, string>());
    }

    /// <summary>Follows what hubs say; tells <paramref name="follow"/> of every other set of hubs.</summary>
    internal async Task RunAsync(Action<IReadOnlyList<HubAddress>> follow, CancellationToken cancellationToken)
    {
        while (true)
        {
            await opinions.WaitForChangeAsync(cancellationToken);
            var (named, ids) = opinions.Read();
            _named = named ?? _named;
            if (Decide(ids))
            {
                follow(Wanted);
            }

            await RememberAsync(cancellationToken);
            await Task.Delay(Apart, time, cancellationToken);
        }
    }

    private bool Decide(IReadOnlyDictionary<HubAddress, string> ids)
    {
        var wanted = HubChoice.Choose(options.Hubs, _named, ids, options.MaxHubs, options.EdgeId);
        if (wanted.SequenceEqual(Wanted))
        {
            return false;
        }

        // Before anybody dials: the packet filter must let them through.
        peers.Expect(wanted);
        opinions.Keep(wanted);
        Wanted = wanted;
        LogHubs(string.Join(", ", wanted));
        return true;
    }

    private async Task RememberAsync(CancellationToken cancellationToken)
    {
        HubAddress[] hubs = [.. _named.OrderBy(static hub => hub.ToString(), StringComparer.Ordinal)];
        if (_file is null || hubs.SequenceEqual(_written))
        {
            return;
        }

        try
        {
            await _file.WriteAsync(hubs, cancellationToken);
            _written = hubs;
            _hasFailedToWrite = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailedToWrite)
            {
                LogNotWritten(_file.Path, exception.Message);
            }

            _hasFailedToWrite = true;
        }
    }

    [LoggerMessage(2110, LogLevel.Information, "hubs of this edge: {Hubs}", EventName = "HubsChanged")]
    private partial void LogHubs(string hubs);

    [LoggerMessage(2111, LogLevel.Warning, "the last known hubs in {File} are ignored: {Error}; the file is replaced as soon as a hub names others", EventName = "HubListUnreadable")]
    private partial void LogUnreadable(string file, string error);

    [LoggerMessage(
        2112, LogLevel.Warning, "the known hubs cannot be kept in {File}: {Error}; free space there, or let this user write; tried again when hubs change", EventName = "HubListNotWritten")]
    private partial void LogNotWritten(string file, string error);
}
