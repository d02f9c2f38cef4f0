using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RemoteIngress.Hub.Admin;

/// <summary>Reads a body whole, within its bound.</summary>
internal static class RequestBody
{
    /// <summary>For everything but the whole list.</summary>
    public const long MaxSmall = 4 * 1024 * 1024;

    /// <summary>For the list: 100,000 edges with room for their options.</summary>
    public const long MaxList = 64 * 1024 * 1024;

    /// <summary>Throws <see cref="BadHttpRequestException"/> with 415 for what is no JSON by its type, and 413 for too much.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadJsonAsync(HttpContext context, long max)
    {
        var request = context.Request;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = max;
        }

        // the type is asked for even without a token: it is what keeps a web page from sending this without being asked first
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("not JSON", StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>As above, but a request without a body is an empty one.</summary>
    public static Task<ReadOnlyMemory<byte>> ReadOptionalJsonAsync(HttpContext context, long max)
    {
        var request = context.Request;
        var empty = request.ContentLength is null or 0 && !request.Headers.ContainsKey("Transfer-Encoding");
        return empty ? Task.FromResult(ReadOnlyMemory<byte>.Empty) : ReadJsonAsync(context, max);
    }
}
