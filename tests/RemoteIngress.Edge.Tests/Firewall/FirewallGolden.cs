using System.Net;
using System.Text;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Testing;

namespace RemoteIngress.Edge.Tests.Firewall;

/// <summary>Configurations as hubs send them, beside the text that nft is to read: <c>Golden/NAME.json</c> and <c>Golden/NAME.nft</c>.</summary>
internal static class FirewallGolden
{
    internal static readonly IPEndPoint[] Peers =
    [
        IPEndPoint.Parse("203.0.113.10:8443"), IPEndPoint.Parse("192.0.2.53:53"), IPEndPoint.Parse("[2001:db8::10]:8443"), IPEndPoint.Parse("203.0.113.10:8443"),
    ];

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "RemoteIngress.Edge.Tests", "Firewall", "Golden");

    internal static IReadOnlyList<string> Names => [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    internal static string Script(string name) => File.ReadAllText(Path.Combine(Folder, name + ".nft"));

    internal static FirewallPlan Plan(string name) =>
        FirewallReader.Read(Decode(File.ReadAllText(Path.Combine(Folder, name + ".json"))), out var error) ?? throw new InvalidDataException(error);

    /// <summary>By the way of the wire.</summary>
    internal static FirewallConfig Decode(string json) =>
        ControlCodec.TryDecode<EdgeSnapshot>(Encoding.UTF8.GetBytes($$"""{"generation":1,"firewallConfig":{{json}}}"""), out var snapshot, out var error)
            ? snapshot!.FirewallConfig!
            : throw new InvalidDataException(error);
}
