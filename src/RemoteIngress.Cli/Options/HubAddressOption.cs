using System.CommandLine;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Options;

/// <summary><c>--hub</c>, and the two variables by which remoteingress names its one hub.</summary>
internal sealed class HubAddressOption
{
    private const string HostVariable = "REMOTEINGRESS_HUB_HOST";
    private const string PortVariable = "REMOTEINGRESS_HUB_PORT";

    public CliOption<HubAddress> Hub { get; } = new(
        "--hub", "HOST:PORT", $"A hub to dial; also {HostVariable} and {PortVariable}", TokenParsers.Hub, repeatable: true);

    public Option Option => Hub.Option;

    public IReadOnlyList<HubAddress> FromFlag(OptionReader reader) => reader.GetAllFromFlag(Hub);

    public IReadOnlyList<HubAddress> FromVariables(OptionReader reader)
    {
        var hubs = reader.GetAllFromVariable(Hub);
        if (hubs.Count > 0 || reader.Variable(Hub.Variable) is not null)
        {
            return hubs;
        }

        var host = reader.Variable(HostVariable);
        if (host is null)
        {
            return [];
        }

        var port = OptionParsers.Port(reader.Variable(PortVariable) ?? $"{HubAddress.DefaultPort}");
        if (port.Error is not null)
        {
            reader.AddError(PortVariable, port.Error);
        }

        if (!HubAddress.IsValidHost(host))
        {
            reader.AddError(HostVariable, $"'{host}' is no host name or IP address; give one like hub.example.org");
        }

        // whatever was wrong is reported: a stand-in keeps "no hub given" from being reported too
        return [port.Error is null && HubAddress.IsValidHost(host) ? new HubAddress(host, port.Value) : new HubAddress("invalid", 1)];
    }
}
