using System.Text.Json;
using RemoteIngress.Cli.Management;
using RemoteIngress.Cli.Output;

namespace RemoteIngress.Cli.Commands;

/// <summary>One invocation of an <c>edges</c> or <c>hubs</c> command.</summary>
internal sealed record ManagementCall(CliContext Context, AdminApiClient Api, bool Json, string Argument, CancellationToken Cancellation)
{
    /// <summary>The API's JSON as it is with <c>--json</c>, else what <paramref name="print"/> makes of it.</summary>
    public void Print(string json, Action<JsonElement> print)
    {
        if (Json)
        {
            JsonWriter.Write(Context, json);
            return;
        }

        // 204 has no body
        using var document = JsonDocument.Parse(json.Length == 0 ? "{}" : json);
        print(document.RootElement);
    }
}
