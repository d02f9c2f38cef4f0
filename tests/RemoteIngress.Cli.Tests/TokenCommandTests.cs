using System.Text.Json;

namespace RemoteIngress.Cli.Tests;

public sealed class TokenCommandTests
{
    [Fact]
    public async Task EncodeThenDecode_IsTheSame()
    {
        var encode = new CliRun();
        var decode = new CliRun();

        Assert.Equal(0, await encode.RunAsync("token", "encode", "--hub", "h:1", "--hub", "[::1]:2", "--edge-id", "e", "--secret", "@s=\"ü"));
        Assert.Equal(0, await decode.RunAsync("token", "decode", encode.Out.Trim()));

        using var json = JsonDocument.Parse(decode.Out);
        Assert.Equal("@s=\"ü", json.RootElement.GetProperty("secret").GetString());
        Assert.Equal("e", json.RootElement.GetProperty("edgeId").GetString());
        Assert.Equal(["h:1", "[::1]:2"], json.RootElement.GetProperty("hubs").EnumerateArray().Select(hub => hub.GetString()!));
    }

    [Fact]
    public async Task Encode_NothingGiven_NamesAllThree()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("token", "encode"));

        Assert.Equal(["--hub:", "--edge-id:", "--secret:"], run.ErrorLines.Select(line => line.Split(' ')[1]));
    }

    [Fact]
    public async Task Decode_Garbage_IsAUsageError()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("token", "decode", "%%%"));

        Assert.StartsWith("error: TOKEN: ", Assert.Single(run.ErrorLines));
    }
}
