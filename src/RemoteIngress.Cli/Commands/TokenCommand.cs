using System.CommandLine;
using System.Text.Json;
using RemoteIngress.Cli.Options;
using RemoteIngress.Protocol.Identity;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress token encode|decode</c>: hubs, edge id and secret in one string to paste.</summary>
internal static class TokenCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create(CliContext context) =>
        new("token", "Make or read connection tokens") { CreateEncode(context), CreateDecode(context) };

    private static Command CreateEncode(CliContext context)
    {
        var hub = new HubAddressOption();
        var edgeId = new CliOption<string>("--edge-id", "ID", "The edge's id in the hub's list", OptionParsers.Text);
        var secret = new CliOption<string>("--secret", "SECRET", "The edge's secret", OptionParsers.Secret);
        var command = new Command("encode", "Print the token for an edge; it holds the secret") { hub.Option, edgeId.Option, secret.Option };
        command.SetBody(context, (_, reader) =>
        {
            var fromFlag = hub.FromFlag(reader);
            var hubs = fromFlag.Count > 0 || reader.HasFlag(hub.Hub) ? fromFlag : hub.FromVariables(reader);
            var id = reader.Get(edgeId);
            var text = reader.Get(secret);
            Check(reader, hubs, id, text);
            reader.ThrowIfErrors();
            var token = new ConnectionToken { Host = hubs[0].Host, Port = hubs[0].Port, EdgeId = id!, Secret = text!, Hubs = [.. hubs.Skip(1)] };
            context.Out.WriteLine(token.Encode());
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Check(OptionReader reader, IReadOnlyList<HubAddress> hubs, string? id, string? secret)
    {
        if (hubs.Count == 0 && reader.Errors.Count == 0)
        {
            reader.AddError("--hub", "missing; give at least one HOST:PORT");
        }

        if (id is null)
        {
            reader.AddError("--edge-id", "missing; give the id that the hub's list of allowed edges has");
        }
        else if (!EdgeId.IsValid(id))
        {
            reader.AddError("--edge-id", $"give 1 to {EdgeId.MaxLength} of the characters A-Z a-z 0-9 . _ -");
        }

        if (secret is null)
        {
            reader.AddError("--secret", "missing; give the secret that the hub's list of allowed edges has");
        }
        else if (secret.Length > ConnectionToken.MaxSecretLength)
        {
            reader.AddError("--secret", $"longer than {ConnectionToken.MaxSecretLength} characters; give a shorter one");
        }
    }

    private static Command CreateDecode(CliContext context)
    {
        var argument = new Argument<string>("TOKEN") { Description = "The token; those of remoteingress are read too" };
        var command = new Command("decode", "Print what a token holds as JSON, the secret included") { argument };
        command.SetBody(context, (result, reader) =>
        {
            var parsed = TokenParsers.Token(result.GetRequiredValue(argument));
            if (parsed.Error is not null)
            {
                reader.AddError("TOKEN", parsed.Error);
            }

            reader.ThrowIfErrors();
            var token = parsed.Value!;
            context.Out.WriteLine(JsonSerializer.Serialize(
                new { hubs = token.AllHubs.Select(static hub => hub.ToString()), edgeId = token.EdgeId, secret = token.Secret }, Json));
            return ExitCodes.Ok;
        });
        return command;
    }
}
