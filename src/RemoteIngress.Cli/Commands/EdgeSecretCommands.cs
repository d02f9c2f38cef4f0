using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemoteIngress.Cli.Management;
using RemoteIngress.Cli.Options;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress edges rotate-secret</c> and <c>edges token</c>: the two commands that print a secret.</summary>
internal static class EdgeSecretCommands
{
    public static Command CreateRotate(CliContext context)
    {
        var overlap = new CliOption<TimeSpan>(
            "--overlap", "TIME", "How long the old secret still works", OptionParsers.Duration, "0s, its tunnels end at once");
        var command = new Command("rotate-secret", "Give one edge a new secret, which is printed once") { overlap.Option };
        return Build(context, command, (reader, id) =>
        {
            var body = new JsonObject();
            if (reader.IsGiven(overlap))
            {
                body["overlapSeconds"] = (int)Math.Ceiling(reader.Get(overlap).TotalSeconds);
            }

            return (EdgesCommand.EdgePath(id) + "/rotate-secret", body, "secret");
        });
    }

    public static Command CreateToken(CliContext context)
    {
        var secret = new CliOption<string>("--secret", "SECRET", "The edge's present secret, which the hub checks and which stays", OptionParsers.Secret, "a new secret; tunnels of the old one end");
        var hub = new CliOption<HubAddress>(
            "--hub", "HOST:PORT", "Where the edge is to dial; default is what the hub advertises", TokenParsers.Hub, repeatable: true);
        var command = new Command("token", "Print a connection token for one edge; it holds the secret") { secret.Option, hub.Option };
        return Build(context, command, (reader, id) =>
        {
            // a hub has no secret to put into a token: without the present one there must be a new one
            var body = reader.Get(secret) is { } text ? new JsonObject { ["secret"] = text } : new JsonObject { ["rotate"] = true };
            var hubs = reader.GetAll(hub);
            if (hubs.Count > 0)
            {
                body["hubs"] = new JsonArray([.. hubs.Select(static address => (JsonNode)address.ToString())]);
            }

            return (EdgesCommand.EdgePath(id) + "/token", body, "token");
        });
    }

    private static Command Build(CliContext context, Command command, Func<OptionReader, string, (string Path, JsonObject Body, string Field)> request)
    {
        var admin = new AdminOptions();
        var id = new Argument<string>("ID") { Description = "The edge's id" };
        command.Arguments.Add(id);
        admin.AddTo(command);
        command.SetBody(context, async (result, reader, cancellation) =>
        {
            var target = admin.Read(reader);
            var (path, body, field) = request(reader, result.GetRequiredValue(id));
            reader.ThrowIfErrors();
            using var api = new AdminApiClient(target, context);
            var answer = await api.PostAsync(path, body.ToJsonString(), cancellation);
            new ManagementCall(context, api, target.Json, "", cancellation).Print(answer, json => context.Out.WriteLine(Field(json, field)));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Field(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.GetString() is { } text
            ? text
            : throw CliException.Failed($"the hub's answer has no {name}; use hub and command line of the same version");
}
