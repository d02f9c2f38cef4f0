using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using RemoteIngress.Edge.Diagnostics;

namespace RemoteIngress.Edge.Status;

/// <summary>The edge's status endpoint: <c>/status</c>, <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>. Read-only and without authentication.</summary>
internal sealed class StatusServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private StatusServer(WebApplication application) => _application = application;

    /// <summary>Where it listens, with its real port.</summary>
    internal Uri Url =>
        new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <exception cref="IOException">The address cannot be bound.</exception>
    internal static async Task<StatusServer> StartAsync(
        IPEndPoint endPoint, EdgeOptions options, Func<Task<EdgeStatus>> status, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = options.HttpConnections;
            kestrel.Listen(endPoint);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("remoteingress-edge", serviceVersion: SoftwareVersion.Number, serviceInstanceId: options.EdgeId))
            .WithMetrics(static metrics => metrics
            .AddMeter(EdgeMetrics.MeterName, "System.Runtime")
            // an answer from a cache would say how it was before what the reader just saw happen
            .AddPrometheusExporter(static exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0));
        var application = builder.Build();
        application.UseRouting();
        application.MapGet("/healthz", static () => Results.Text("ok\n"));
        application.MapGet("/readyz", async context => await WriteReadyAsync(context, await status()));
        application.MapGet("/status", async context => await WriteStatusAsync(context, await status()));
        application.MapPrometheusScrapingEndpoint("/metrics");
        try
        {
            await application.StartAsync(cancellationToken);
            return new StatusServer(application);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    private static Task WriteReadyAsync(HttpContext context, EdgeStatus status)
    {
        context.Response.StatusCode = status.Connected ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(status.Connected ? "ready\n" : "no tunnel is up\n", context.RequestAborted);
    }

    private static Task WriteStatusAsync(HttpContext context, EdgeStatus status) =>
        context.Response.WriteAsJsonAsync(status, EdgeStatusJson.Default.EdgeStatus, cancellationToken: context.RequestAborted);
}
