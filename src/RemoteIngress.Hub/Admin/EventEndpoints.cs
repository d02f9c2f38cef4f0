using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RemoteIngress.Hub.Events;

namespace RemoteIngress.Hub.Admin;

/// <summary>
/// <c>/api/v1/events</c>: what happens, as server-sent events (HTML standard, section 9.2). Written here and not by the framework's own result,
/// which knows no comments: the heartbeat is one, so that no reader takes it for an event.
/// </summary>
internal sealed class EventEndpoints(EventFeed feed, TimeProvider time)
{
    /// <summary>A comment after so long without an event: whoever is in between does not take the connection for dead.</summary>
    internal static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public void Map(RouteGroupBuilder api) =>
        api.MapGet("/events", ReadAsync).WithName("StreamEvents")
            .WithSummary("What happens from now on, as server-sent events; types: only these, separated by commas")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream").ProducesProblem(400).ProducesProblem(503);

    private async Task ReadAsync(HttpContext context, string? types)
    {
        var names = Wanted(types, out var unknown);
        if (unknown.Count > 0)
        {
            await Problems.Create(
                StatusCodes.Status400BadRequest,
                $"types: there is no event {string.Join(", ", unknown.Select(name => $"'{name}'"))}; there are {string.Join(", ", EventNames.All)}")
                .ExecuteAsync(context);
            return;
        }

        using var reader = feed.TryAdd(names);
        if (reader is null)
        {
            await Problems.Create(
                StatusCodes.Status503ServiceUnavailable,
                $"no place for another reader of events: {EventFeed.MaxReaders} read already, or the hub stops; close one of them, or try again later")
                .ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await WriteAsync(reader, context.Response.Body, time, context.RequestAborted);
    }

    /// <summary>Writes until the hub stops or the reader goes.</summary>
    internal static async Task WriteAsync(FeedReader reader, Stream body, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            // something at once, so that the reader knows that it is heard
            await WriteAsync(body, ": events of this hub from now on\n\n", cancellationToken);
            while (await WaitAsync(reader, time, cancellationToken) is { } isThere)
            {
                await WriteAsync(body, isThere ? Take(reader) : ": heartbeat\n\n", cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the reader is gone
        }
    }

    private static HashSet<string> Wanted(string? types, out List<string> unknown)
    {
        var asked = (types ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        unknown = [.. asked.Except(EventNames.All, StringComparer.OrdinalIgnoreCase)];
        return new HashSet<string>(asked.Length == 0 ? EventNames.All : asked, StringComparer.OrdinalIgnoreCase);
    }

    // True: an event; false: time for a heartbeat; null: the end.
    private static async Task<bool?> WaitAsync(FeedReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Heartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await reader.WaitAsync(either.Token) ? true : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static string Take(FeedReader reader)
    {
        var text = new StringBuilder();
        if (reader.TryRead(out var item, out var dropped))
        {
            if (dropped > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"event: {EventNames.Dropped}\ndata: {{\"count\":{dropped}}}\n\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"id: {item!.Id}\nevent: {item.Name}\ndata: {item.Json}\n\n");
        }

        return text.ToString();
    }

    private static async Task WriteAsync(Stream body, string text, CancellationToken cancellationToken)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await body.FlushAsync(cancellationToken);
    }
}
