using RemoteIngress.Fuzz.Targets;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Fuzz;

/// <summary>Every parser that bytes from outside get to.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new FrameParserTarget(),
        new ProxyV1Target(),
        new ProxyV2Target(),
        new ControlTarget<Hello>("control-hello"),
        new ControlTarget<Challenge>("control-challenge"),
        new ControlTarget<Auth>("control-auth"),
        new ControlTarget<Welcome>("control-welcome"),
        new ControlTarget<Reject>("control-reject"),
        new ControlTarget<GoAway>("control-goaway"),
        new ControlTarget<ConfigAck>("control-configack"),
        new ControlTarget<EdgeStatusReport>("control-status"),
        new ControlTarget<EdgeSnapshot>("control-config"),
        new ScramClientFirstTarget(),
        new ScramServerFirstTarget(),
        new ScramClientFinalTarget(),
        new ScramServerFinalTarget(),
        new ConnectionTokenTarget(),
        new HubAddressTarget(),
        new ClientHelloTarget(),
        new StunTarget(),
        new AllowedEdgesTarget(),
    ];

    public static IFuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
