using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Testing.Simulation;

/// <summary>What somebody sends who is no edge. Nothing of it may ever authenticate.</summary>
internal static class SimAttack
{
    internal static IEnumerable<byte[]> Create(Random random) => random.Next(7) switch
    {
        0 => [],
        1 => [Noise(random)],
        2 => [Open],
        3 => [Hello, Open],
        4 => [Hello, FrameBytes.Of(0, FrameType.Auth, ControlCodec.Encode(new Auth { Scram = "c=biws,r=x,p=AAAA" })), Open],
        5 => [Hello[..random.Next(1, Hello.Length)]],
        _ => [.. Enumerable.Repeat(Hello, 20)],
    };

    /// <summary>A frame that no peer may send on an authenticated tunnel, whatever happened before.</summary>
    internal static byte[] Illegal(Random random, PeerRole sender) => random.Next(5) switch
    {
        0 => FrameBytes.Of(4_000_000, sender == PeerRole.Edge ? FrameType.Data : FrameType.DataBack, 1, 2, 3),
        1 => FrameBytes.Of(0, sender == PeerRole.Edge ? FrameType.Config : FrameType.ConfigAck, "{}"u8),
        2 => FrameBytes.Of(1, sender == PeerRole.Edge ? FrameType.UdpDataBack : FrameType.UdpOpen, new byte[30]),
        3 => FrameBytes.Of(7, FrameType.Ping, new byte[8]),
        _ => FrameBytes.Of(0, FrameType.Ping, new byte[9]),
    };

    /// <summary>A frame of a later version, which is skipped.</summary>
    internal static byte[] Unknown(Random random) =>
        FrameBytes.Of((uint)random.Next(20), (FrameType)random.Next(0x40, 0x100), new byte[random.Next(300)]);

    private static byte[] Open => FrameBytes.Of(1, FrameType.Open, "PROXY UNKNOWN\r\n"u8);

    private static byte[] Hello => FrameBytes.Of(0, FrameType.Hello, ControlCodec.Encode(new Hello
    {
        Version = 2,
        EdgeId = "edge-1",
        InstanceId = "i1",
        Software = "sim/1",
        Scram = new ScramClient("edge-1", "guess", HandshakePair.Binding, "nonce-of-an-attacker").First(),
    }));

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(1, 6000)];
        random.NextBytes(bytes);
        return bytes;
    }
}
