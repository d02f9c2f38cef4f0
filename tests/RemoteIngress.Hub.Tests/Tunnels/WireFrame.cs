using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Hub.Tests.Tunnels;

internal sealed record WireFrame(uint Stream, FrameType Type, byte[] Payload);
