using System.CommandLine;
using RemoteIngress.Contracts;
using RemoteIngress.Hub;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Cli.Options;

/// <summary>The options of <c>hub</c> and <c>check hub</c>. Defaults are those of <see cref="HubOptions"/>.</summary>
internal sealed class HubCommandOptions
{
    private const string AllowedEdgesName = "--allowed-edges";
    private static readonly string EdgesJsonVariable = OptionNames.JsonVariable(AllowedEdgesName);
    private static readonly HubOptions Defaults = new();

    private readonly CliOption<int> _tunnelPort = new(
        "--tunnel-port", "PORT", "Port on which edges connect; 0 takes a free one", OptionParsers.PortOrZero, $"{Defaults.TunnelPort}");
    private readonly CliOption<System.Net.IPAddress> _tunnelAddress = new(
        "--tunnel-address", "IP", "Address on which edges connect", OptionParsers.Address, "[::], IPv6 and IPv4");
    private readonly CliOption<string> _targetHost = new(
        "--target-host", "HOST", "Where ports without a target of their own are forwarded to", OptionParsers.Text, Defaults.TargetHost);
    private readonly CliOption<string> _allowedEdges = new(
        AllowedEdgesName, "FILE", $"JSON list of the edges that may connect; the list itself may stand in {EdgesJsonVariable}", OptionParsers.Text,
        "what the registry holds");
    private readonly CliOption<string> _redis = new(
        "--redis", "CONNECTION", "Keep registry and membership in this Redis, for example 10.0.0.7:6379,password=…", OptionParsers.Secret, "in memory");
    private readonly CliOption<string> _clusterId = new(
        "--cluster-id", "NAME", "Name of the cluster, which is the prefix of its keys in Redis", OptionParsers.Text, Defaults.ClusterId);
    private readonly CliOption<string> _hubId = new(
        "--hub-id", "NAME", "Name of this hub, unique in its cluster", OptionParsers.Text, "the machine's name");
    private readonly CliOption<System.Net.IPAddress> _siloAddress = new(
        "--silo-address", "IP", "Address on which the other hubs reach this one", OptionParsers.Address, Defaults.SiloAddress);
    private readonly CliOption<int> _siloPort = new(
        "--silo-port", "PORT", "Port between hubs", OptionParsers.PortOrZero, "0, a free one");
    private readonly CliOption<int> _gatewayPort = new(
        "--gateway-port", "PORT", "Port for Orleans clients", OptionParsers.PortOrZero, "0, a free one with --redis, else none");
    private readonly CliOption<string> _clusterCa = new(
        "--cluster-ca", "FILE", "PEM certificates of the authorities of mutual TLS between hubs and from clients", OptionParsers.Text, "no TLS there");
    private readonly CliOption<string> _clusterCert = new(
        "--cluster-cert", "FILE", "PEM certificate of this hub for the cluster; read again when it changes", OptionParsers.Text);
    private readonly CliOption<string> _clusterKey = new("--cluster-key", "FILE", "PEM key of --cluster-cert", OptionParsers.Text);
    private readonly CliFlag _insecureCluster = new(
        "--insecure-cluster", "Allow the silo and gateway ports off loopback without TLS, which is without any authentication");
    private readonly CliOption<string> _advertise = new(
        "--advertise", "HOST:PORT", "Where edges reach this hub; stands in tokens, and edges of other hubs are told", OptionParsers.Text, "none: edges must be given this hub");
    private readonly CliOption<string> _adminUrl = new(
        "--admin-url", "URL", "Where the HTTP API listens; none turns it off", OptionParsers.Text, Defaults.AdminUrl);
    private readonly CliOption<string> _adminToken = new(
        "--admin-token", "TOKEN", "Bearer token of the HTTP API; required off loopback", OptionParsers.Secret,
        "made once and kept in DATA-DIR/admin-token; none without --data-dir");
    private readonly CliOption<string> _dataDir = new(
        "--data-dir", "DIR", "Where the certificate and the admin token are kept", OptionParsers.Text, "nothing is kept");
    private readonly CliOption<string> _tlsCert = new(
        "--tls-cert", "FILE", "PEM certificate chain of the tunnel port; read again when it changes", OptionParsers.Text, "self-signed");
    private readonly CliOption<string> _tlsKey = new("--tls-key", "FILE", "PEM key of --tls-cert", OptionParsers.Text);
    private readonly CliOption<TimeSpan> _drainTimeout = new(
        "--drain-timeout", "TIME", "How long open connections may go on after SIGTERM", OptionParsers.Duration, DurationParser.Format(Defaults.DrainTimeout));
    private readonly PerformanceOption<HubOptions> _performance = new(HubPerformance.Fields);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _tunnelPort.Option, _tunnelAddress.Option, _targetHost.Option, _allowedEdges.Option, _redis.Option, _clusterId.Option,
            _hubId.Option, _siloAddress.Option, _siloPort.Option, _gatewayPort.Option, _clusterCa.Option, _clusterCert.Option,
            _clusterKey.Option, _insecureCluster.Option, _advertise.Option,
            _adminUrl.Option, _adminToken.Option, _dataDir.Option, _tlsCert.Option, _tlsKey.Option, _drainTimeout.Option,
        })
        {
            command.Options.Add(option);
        }

        _performance.AddTo(command);
    }

    /// <summary>Every option as the hub wants it; reads the files it names, and adds every error to <paramref name="reader"/>.</summary>
    public HubOptions Read(OptionReader reader)
    {
        var options = new HubOptions
        {
            TunnelPort = reader.Get(_tunnelPort, Defaults.TunnelPort),
            TunnelAddress = reader.Get(_tunnelAddress)?.ToString() ?? Defaults.TunnelAddress,
            TargetHost = reader.Get(_targetHost, Defaults.TargetHost)!,
            AllowedEdges = ReadAllowedEdges(reader),
            Redis = reader.Get(_redis),
            ClusterId = reader.Get(_clusterId, Defaults.ClusterId)!,
            HubId = reader.Get(_hubId, Defaults.HubId)!,
            SiloAddress = reader.Get(_siloAddress)?.ToString() ?? Defaults.SiloAddress,
            SiloPort = reader.Get(_siloPort),
            GatewayPort = reader.Get(_gatewayPort),
            ClusterCa = reader.Get(_clusterCa),
            ClusterCert = reader.Get(_clusterCert),
            ClusterKey = reader.Get(_clusterKey),
            InsecureCluster = reader.Get(_insecureCluster),
            Advertise = reader.Get(_advertise),
            AdminUrl = reader.Get(_adminUrl, Defaults.AdminUrl),
            AdminToken = reader.Get(_adminToken),
            DataDir = reader.Get(_dataDir),
            TlsCert = reader.Get(_tlsCert),
            TlsKey = reader.Get(_tlsKey),
            DrainTimeout = reader.Get(_drainTimeout, Defaults.DrainTimeout),
        };
        _performance.Read(reader, options);
        DataDirCheck.Run(options.DataDir, reader);
        CertificateCheck.Run(options.TlsCert, options.TlsKey, reader);
        ClusterCertificateCheck.Run(options, reader);
        reader.AddErrors(HubOptionsValidator.Validate(options));
        return options;
    }

    private IReadOnlyList<AllowedEdge>? ReadAllowedEdges(OptionReader reader)
    {
        var source = _allowedEdges.Name;
        string? json;
        if (!reader.HasFlag(_allowedEdges) && reader.Variable(EdgesJsonVariable) is { } inline)
        {
            (source, json) = (EdgesJsonVariable, inline);
        }
        else if (reader.Get(_allowedEdges) is { } path)
        {
            json = reader.ReadFile(source, path);
        }
        else
        {
            return null;
        }

        return json is null ? null : ParseAllowedEdges(reader, source, json);
    }

    private static IReadOnlyList<AllowedEdge>? ParseAllowedEdges(OptionReader reader, string source, string json)
    {
        var (edges, errors) = AllowedEdgesJson.Parse(json);
        reader.AddErrors(errors.Select(error => $"{source}: {error}"));
        return errors.Count > 0 ? null : edges;
    }
}
