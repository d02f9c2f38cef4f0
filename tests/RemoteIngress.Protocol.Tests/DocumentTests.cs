using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Protocol.Tests;

/// <summary>docs/protocol.md says what the code does: its tables and its example are compared with it.</summary>
public partial class DocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Root(), "docs", "protocol.md"));

    private static readonly string[][] Rows =
    [
        .. Document.Split('\n').Where(l => l.StartsWith('|'))
            .Select(l => l.Split('|').Select(c => c.Trim()).ToArray()[1..^1]),
    ];

    [Fact]
    public void FrameTable_IsTheEnumAndItsLimits()
    {
        var rows = Rows.Where(r => r.Length == 6 && r[0].StartsWith("0x", StringComparison.Ordinal)).ToArray();
        Assert.Equal(Enum.GetValues<FrameType>().Select(Describe), rows.Select(r => string.Join(' ', r[..5])));
    }

    [Fact]
    public void ResetTable_IsTheEnum() =>
        Assert.Equal(
            Enum.GetValues<StreamEndReason>().Select(r => $"{r.WireCode()} `{r.MetricTag()}` {(r.IsMovable() ? "yes" : "no")}"),
            Rows.Where(r => r.Length == 4 && uint.TryParse(r[0], CultureInfo.InvariantCulture, out _)).Select(r => string.Join(' ', r[..3])));

    [Fact]
    public void RejectTable_IsTheEnum() =>
        Assert.Equal(
            Enum.GetValues<RejectCode>().Select(c => $"`{JsonNamingPolicy.CamelCase.ConvertName(c.ToString())}`").Order(StringComparer.Ordinal),
            RowsAfter("| code | when |").Select(r => r[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void GoAwayTable_NamesOnlyKnownReasons() =>
        Assert.All(RowsAfter("| reason | when |"), r => Assert.Equal(r[0].Trim('`'), TunnelEndReasons.FromGoAway(r[0].Trim('`')).MetricTag()));

    [Theory]
    [InlineData("Bytes of an edge before authentication", FrameLimits.PreAuthBytes)]
    [InlineData("Payload of DATA and DATA_BACK", FrameLimits.MaxData)]
    [InlineData("Payload of a datagram", FrameLimits.MaxDatagram)]
    [InlineData("Payload of an unknown type", FrameLimits.MaxUnknown)]
    [InlineData("Initial window", FrameLimits.InitialWindow)]
    [InlineData("Largest window", FrameLimits.MaxWindow)]
    [InlineData("Buffer of a tunnel, when not announced", FrameLimits.DefaultBuffer)]
    [InlineData("Smallest announced buffer", FrameLimits.MinBuffer)]
    [InlineData("Largest announced buffer", FrameLimits.MaxBuffer)]
    [InlineData("PROXY v1 line", ProxyV1.MaxLength)]
    [InlineData("PROXY v2 header, read", ProxyV2.MaxReadLength)]
    [InlineData("PROXY v2 header, written", ProxyV2.MaxWriteLength)]
    [InlineData("UNIQUE_ID", ProxyTlv.MaxUniqueId)]
    [InlineData("Edge id", Identity.EdgeId.MaxLength)]
    [InlineData("Instance id", Identity.InstanceId.MaxLength)]
    [InlineData("Secret in a token", ConnectionToken.MaxSecretLength)]
    [InlineData("Connection token", ConnectionToken.MaxLength)]
    [InlineData("Default tunnel port", HubAddress.DefaultPort)]
    [InlineData("Fewest PBKDF2 iterations", ScramVerifier.MinIterations)]
    [InlineData("Most PBKDF2 iterations", ScramVerifier.MaxIterations)]
    [InlineData("Client nonce", ScramNonce.MaxLength / 2)]
    [InlineData("Both nonces together", ScramNonce.MaxLength)]
    public void LimitTable_IsTheConstants(string name, long expected)
    {
        var row = Assert.Single(RowsAfter("| limit | value | unit |"), r => r[0] == name);
        Assert.Equal(expected.ToString("N0", CultureInfo.InvariantCulture), row[1]);
    }

    [Fact]
    public void Example_IsWhatTheCodeSays()
    {
        var binding = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var verifier = ScramVerifier.Create("secret", binding.AsSpan(0, 16));
        var client = new ScramClient("edge-1", "secret", binding, "fyko+d2lbbFgONRv9qkxdawL");
        var server = new ScramServer(binding, "3rfcNHYJY1ZVvWVs7j9Zk2Qe");
        var hello = new Hello { Version = 2, EdgeId = "edge-1", InstanceId = "7f3a", Software = "remoteingress/0.1.0", Scram = client.First() };
        AssertShown(FrameType.Hello, hello);
        Assert.True(ScramServer.TryParseClientFirst(hello.Scram, out var first));
        var challenge = new Challenge { Scram = server.Challenge(first!, verifier) };
        AssertShown(FrameType.Challenge, challenge);
        Assert.Equal(ScramStatus.Ok, client.TryFinal(challenge.Scram, out var final));
        AssertShown(FrameType.Auth, new Auth { Scram = final });
        Assert.Equal(ScramStatus.Ok, server.Finish(final, [verifier], out var serverFinal, out _));
        AssertShown(
            FrameType.Welcome,
            new Welcome { Scram = serverFinal, HubId = "hub-a", Software = "remoteingress/0.1.0", Hubs = ["10.0.0.1:8443", "10.0.0.2:8443"] });
    }

    [Fact]
    public void ExampleStream_IsWhatTheCodeSays()
    {
        var line = new byte[ProxyV1.MaxLength];
        var length = ProxyV1.Write(line, IPEndPoint.Parse("192.0.2.7:51234"), IPEndPoint.Parse("198.51.100.1:80"));
        AssertShown(1, FrameType.Open, line.AsSpan(0, length));
        AssertShown(1, FrameType.Data, "hello"u8);
        AssertShown(1, FrameType.Opened, []);
        AssertShown(1, FrameType.WindowUpdateBack, [.. U32(5), .. U32(FrameLimits.InitialWindow)]);
        AssertShown(1, FrameType.Close, []);
        AssertShown(1, FrameType.Reset, U32(StreamEndReason.PeerReset.WireCode()));
    }

    [Fact]
    public void Tokens_InTheText_Decode()
    {
        var tokens = TokenPattern().Matches(Document).Select(m => m.Value).ToArray();
        Assert.NotEmpty(tokens);
        Assert.All(tokens, t => Assert.True(ConnectionToken.TryDecode(t, out _, out _)));
    }

    private static void AssertShown<T>(FrameType type, T message)
        where T : class
    {
        var json = ControlCodec.Encode(message);
        var header = new byte[FrameHeader.Size];
        new FrameHeader(0, type, (uint)json.Length).Write(header);
        Assert.Contains($"{Convert.ToHexString(header)} {Encoding.UTF8.GetString(json)}", Document, StringComparison.Ordinal);
    }

    private static void AssertShown(uint stream, FrameType type, ReadOnlySpan<byte> payload)
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(stream, type, (uint)payload.Length).Write(header);
        Assert.Contains($"{Convert.ToHexString(header)} {Convert.ToHexString(payload)}".TrimEnd(), Document, StringComparison.Ordinal);
    }

    private static byte[] U32(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static string Describe(FrameType type)
    {
        var name = type == FrameType.GoAway ? "GOAWAY" : WordStart().Replace(type.ToString(), "_").ToUpperInvariant();
        var from = FrameLimits.MayComeFrom(type, PeerRole.Edge)
            ? FrameLimits.MayComeFrom(type, PeerRole.Hub) ? "either" : "edge"
            : "hub";
        var (min, max) = (FrameLimits.MinLength(type), FrameLimits.MaxLength(type));
        var length = min == max ? $"{max}" : $"{min}–{max}";
        return $"0x{(byte)type:X2} {name} {from} {(FrameLimits.IsControl(type) ? "0" : "own")} {length}";
    }

    private static IEnumerable<string[]> RowsAfter(string heading)
    {
        Assert.Contains(heading, Document, StringComparison.Ordinal);
        var after = Document[Document.IndexOf(heading, StringComparison.Ordinal)..].Split('\n').Skip(2);
        return after.TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|').Select(c => c.Trim()).ToArray()[1..^1]);
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "remoteingress.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return directory.FullName;
    }

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex("eyJ[A-Za-z0-9_-]{20,}")]
    private static partial Regex TokenPattern();
}
