using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Admin;

/// <summary>The outermost layer: whatever goes wrong below becomes a problem, and what is unexpected goes to the log, not to the client.</summary>
internal sealed partial class ErrorHandling(ILogger<ErrorHandling> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // nobody is there to read an answer
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Explain(context, e).ExecuteAsync(context);
            return;
        }

        if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentType: null, ContentLength: null })
        {
            var status = context.Response.StatusCode;
            await Problems.Create(status, Problems.Describe(status)).ExecuteAsync(context);
        }
    }

    private IResult Explain(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case RegistryUnavailableException:
                context.Response.Headers.RetryAfter = "1";
                return Problems.Create(StatusCodes.Status503ServiceUnavailable, exception.Message);
            case BadHttpRequestException bad:
                return Problems.Create(bad.StatusCode, Problems.Describe(bad.StatusCode));
            default:
                LogUnexpected(exception, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "unknown");
                return Problems.Create(StatusCodes.Status500InternalServerError, "an error of the hub; see its log");
        }
    }

    [LoggerMessage(3301, LogLevel.Error, "The API failed at {Method} {Endpoint}", EventName = "ApiFailed")]
    private partial void LogUnexpected(Exception exception, string method, string endpoint);
}
