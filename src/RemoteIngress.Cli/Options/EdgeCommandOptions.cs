using System.CommandLine;
using System.Net;
using RemoteIngress.Edge;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Options;

/// <summary>The options of <c>edge</c> and <c>check edge</c>. Defaults are those of <see cref="EdgeOptions"/>.</summary>
internal sealed class EdgeCommandOptions
{
    private static readonly EdgeOptions Defaults = new();

    private readonly CliOption<ConnectionToken> _token = new(
        "--token", "TOKEN", "Connection token: hubs, edge id and secret in one", TokenParsers.Token);
    private readonly HubAddressOption _hub = new();
    private readonly CliOption<int> _maxHubs = new(
        "--max-hubs", "N", "Hubs to have tunnels to: those given, and those that hubs name", OptionParsers.Integer(1, 64), $"{Defaults.MaxHubs}");
    private readonly CliOption<string> _edgeId = new("--edge-id", "ID", "This edge's id in the hub's list", OptionParsers.Text);
    private readonly CliOption<string> _secret = new("--secret", "SECRET", "This edge's secret", OptionParsers.Secret);
    private readonly CliOption<EdgeTransport> _transport = new(
        "--transport", "NAME", "quicWithFallback (this version goes straight to TLS) or tcpTls",
        OptionParsers.OneOf(
            ("quicWithFallback", EdgeTransport.QuicWithFallback), ("tcpTls", EdgeTransport.TcpTls), ("quic", EdgeTransport.Quic)),
        "quicWithFallback");
    private readonly CliOption<IPAddress> _bindAddress = new(
        "--bind-address", "IP", "Where public ports are bound", OptionParsers.Address, "[::], IPv6 and IPv4");
    private readonly CliOption<FirewallMode> _firewall = new(
        "--firewall", "MODE", "The packet filter that hubs push: auto (where nft and the rights are there), required (do not start without) or off",
        OptionParsers.OneOf(("auto", FirewallMode.Auto), ("off", FirewallMode.Off), ("required", FirewallMode.Required)),
        "auto");
    private readonly CliOption<string> _statusUrl = new(
        "--status-url", "URL", "Where the status endpoint listens; none turns it off", OptionParsers.Text, Defaults.StatusUrl);
    private readonly CliOption<string> _stunServer = new(
        "--stun-server", "HOST:PORT", "STUN server that is asked for the public address; none or off turns it off", OptionParsers.Text, Defaults.StunServer);
    private readonly CliOption<string> _dataDir = new("--data-dir", "DIR", "Where the last known hubs are kept", OptionParsers.Text, "nothing is kept");
    private readonly CliOption<string> _instanceId = new(
        "--instance-id", "ID", "Tells two processes of one edge id apart", OptionParsers.Text, "random");
    private readonly CliOption<TimeSpan> _holdTimeout = new(
        "--hold-timeout", "TIME", "How long new clients wait while no tunnel is up", OptionParsers.Duration, DurationParser.Format(Defaults.HoldTimeout));
    private readonly CliOption<TimeSpan> _drainTimeout = new(
        "--drain-timeout", "TIME", "How long open connections may go on after SIGTERM", OptionParsers.Duration, DurationParser.Format(Defaults.DrainTimeout));
    private readonly PerformanceOption<EdgeOptions> _performance = new(EdgePerformance.Fields);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _token.Option, _hub.Option, _maxHubs.Option, _edgeId.Option, _secret.Option, _transport.Option, _bindAddress.Option, _firewall.Option, _statusUrl.Option,
            _stunServer.Option, _dataDir.Option, _instanceId.Option, _holdTimeout.Option, _drainTimeout.Option,
        })
        {
            command.Options.Add(option);
        }

        _performance.AddTo(command);
    }

    /// <summary>Every option as the edge wants it; adds every error to <paramref name="reader"/>.</summary>
    public EdgeOptions Read(OptionReader reader)
    {
        var tokenOfFlag = reader.GetFromFlag(_token);
        var tokenOfVariable = reader.HasFlag(_token) ? null : reader.GetFromVariable(_token);
        CheckOneSource(reader);
        var options = new EdgeOptions
        {
            Hubs = FirstOf(_hub.FromFlag(reader), tokenOfFlag?.AllHubs, tokenOfVariable?.AllHubs, () => _hub.FromVariables(reader)),
            MaxHubs = reader.Get(_maxHubs, Defaults.MaxHubs),
            EdgeId = reader.GetFromFlag(_edgeId) ?? tokenOfFlag?.EdgeId ?? tokenOfVariable?.EdgeId ?? reader.GetFromVariable(_edgeId) ?? "",
            Secret = reader.GetFromFlag(_secret) ?? tokenOfFlag?.Secret ?? tokenOfVariable?.Secret ?? reader.GetFromVariable(_secret) ?? "",
            Transport = reader.Get(_transport, Defaults.Transport),
            BindAddress = reader.Get(_bindAddress, Defaults.BindAddress)!,
            Firewall = reader.Get(_firewall, Defaults.Firewall),
            StatusUrl = reader.Get(_statusUrl, Defaults.StatusUrl)!,
            StunServer = reader.Get(_stunServer, Defaults.StunServer)!,
            DataDir = reader.Get(_dataDir),
            InstanceId = reader.Get(_instanceId),
            HoldTimeout = reader.Get(_holdTimeout, Defaults.HoldTimeout),
            DrainTimeout = reader.Get(_drainTimeout, Defaults.DrainTimeout),
        };
        _performance.Read(reader, options);
        DataDirCheck.Run(options.DataDir, reader);
        reader.AddErrors(EdgeOptionsValidator.Validate(options).Where(error => !IsReportedAlready(reader, error)));
        return options;
    }

    /// <summary>What was given but could not be read is missing afterwards, which would be a second error about the same mistake.</summary>
    private bool IsReportedAlready(OptionReader reader, string error)
    {
        if (!error.Contains(": missing;", StringComparison.Ordinal))
        {
            return false;
        }

        return reader.IsGiven(_token)
            || (error.StartsWith(_hub.Hub.Name, StringComparison.Ordinal) && reader.IsGiven(_hub.Hub))
            || (error.StartsWith(_edgeId.Name, StringComparison.Ordinal) && reader.IsGiven(_edgeId))
            || (error.StartsWith(_secret.Name, StringComparison.Ordinal) && reader.IsGiven(_secret));
    }

    private void CheckOneSource(OptionReader reader)
    {
        if (reader.HasFlag(_token) && (reader.HasFlag(_hub.Hub) || reader.HasFlag(_edgeId) || reader.HasFlag(_secret)))
        {
            reader.AddError(_token.Name, "given beside --hub, --edge-id or --secret; give either the token or these three");
        }
    }

    private static IReadOnlyList<HubAddress> FirstOf(
        IReadOnlyList<HubAddress> flag, IReadOnlyList<HubAddress>? token, IReadOnlyList<HubAddress>? variableToken, Func<IReadOnlyList<HubAddress>> variables) =>
        flag.Count > 0 ? flag : token ?? variableToken ?? variables();
}
