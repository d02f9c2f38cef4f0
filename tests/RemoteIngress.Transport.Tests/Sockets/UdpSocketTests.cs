using System.Net;
using System.Net.Sockets;
using RemoteIngress.Testing;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Tests.Sockets;

public sealed class UdpSocketTests
{
    [Theory]
    [InlineData("::", "127.0.0.77", "00000000000000000000FFFF7F00004D")]
    [InlineData("0.0.0.0", "127.0.0.77", "00000000000000000000FFFF7F00004D")]
    [InlineData("::", "::1", "00000000000000000000000000000001")]
    public void Receive_TellsTheAddressTheDatagramCameTo(string bound, string sentTo, string expected)
    {
        Assert.True(UdpSocket.TryBind(new IPEndPoint(IPAddress.Parse(bound), 0), shared: true, out var socket, out var error), Errno.Describe(error));
        using var receiver = new DatagramReceiver();
        using var client = new Socket(IPAddress.Parse(sentTo).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        client.SendTo("hello"u8, new IPEndPoint(IPAddress.Parse(sentTo), PortOf(socket)));

        Assert.Equal(1, receiver.Receive(socket, out _));

        UInt128 local = 0;
        uint drops = 0;
        receiver.ReadInfo(0, ref local, ref drops);
        Assert.Equal((expected, 0u), (local.ToString("X32", null), drops));
        Assert.Equal("hello"u8, receiver.Payload(0));
        Assert.Equal(((IPEndPoint)client.LocalEndPoint!).Port, SockAddr.Read(receiver.Name(0)).Port);
        Assert.Equal((-1, Errno.Again), (receiver.Receive(socket, out error), error));
        socket.Close();
    }

    [Fact]
    public void Receive_ManyOfEverySize_ComeWholeAndInOrder()
    {
        Assert.True(UdpSocket.TryBind(new IPEndPoint(IPAddress.Loopback, 0), shared: false, out var socket, out _));
        socket.SetReceiveBuffer(4 << 20);
        using var receiver = new DatagramReceiver();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        int[] sizes = [0, 65_507, .. Enumerable.Range(0, DatagramReceiver.Capacity), 65_507];
        foreach (var size in sizes)
        {
            client.SendTo(new byte[size], new IPEndPoint(IPAddress.Loopback, PortOf(socket)));
        }

        List<int> seen = [];
        for (int count; (count = receiver.Receive(socket, out _)) > 0;)
        {
            seen.AddRange(Enumerable.Range(0, count).Select(i => receiver.Payload(i).Length));
        }

        Assert.Equal(sizes, seen);
        socket.Close();
    }

    [Fact]
    public void Connect_NobodyListens_TheRefusalIsToldByALaterCall()
    {
        Assert.True(UdpSocket.TryConnect(new IPEndPoint(IPAddress.Loopback, Ports.Free()), new OpenFiles(int.MaxValue, 0), out var socket, out _));
        Assert.Equal(0, socket.Send("anybody?"u8));
        Assert.Equal(Errno.ConnectionRefused, socket.TakeError());
        socket.Close();
    }

    [Fact]
    public void Connect_OnlyReservedDescriptorsAreLeft_IsRefused()
    {
        Assert.False(UdpSocket.TryConnect(new IPEndPoint(IPAddress.Loopback, 9), new OpenFiles(1, 1), out _, out var error));
        Assert.Equal(Errno.TooManyFiles, error);
    }

    [Fact]
    public void Info_WrittenAndRead_IsTheSame_AndWhatIsCutIsLeftAlone()
    {
        Span<byte> control = stackalloc byte[PacketInfo.ControlSize];
        var address = UInt128.Parse("20010DB8000000000000000000000007", System.Globalization.NumberStyles.HexNumber, null);
        var length = PacketInfo.Write(control, address, isIPv4Socket: false);
        for (var cut = 0; cut <= length; cut++)
        {
            UInt128 local = 0;
            uint drops = 7;
            PacketInfo.Read(control[..cut], ref local, ref drops);
            Assert.Equal((cut >= 36 ? address : 0, 7u), (local, drops));
        }
    }

    private static int PortOf(UdpSocket socket) => TcpSocket.Adopt(socket.Descriptor).LocalEndPoint().Port;
}
