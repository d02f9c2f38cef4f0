using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Events;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Silo;

namespace RemoteIngress.Hub.Admin;

/// <summary>The HTTP API of a hub, in a web host of its own: probes, metrics, edges and status.</summary>
internal sealed partial class AdminServer(
    HubOptions options,
    EdgeManager edges,
    HubManager hubs,
    IHubStatusSource status,
    EventFeed events,
    ILoggerFactory loggers,
    TimeProvider time) : IAsyncDisposable
{
    private const string ServiceName = "remoteingress-hub";

    private readonly ILogger _logger = loggers.CreateLogger<AdminServer>();
    private WebApplication? _app;

    /// <summary>Where it listens, with the real port; <see langword="null"/> while it does not.</summary>
    public Uri? Url { get; private set; }

    /// <summary>Starts it, unless it is turned off. Throws <see cref="HubStartException"/>.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (AdminUrl.IsOff(options.AdminUrl))
        {
            return;
        }

        if (!AdminUrl.TryParse(options.AdminUrl, out var endpoint))
        {
            throw new HubStartException([.. HubOptionsValidator.Validate(options)]);
        }

        var token = options.AdminToken ?? (options.DataDir is { } directory ? AdminTokenFile.LoadOrCreate(directory) : null);
        if (token is null && !IPAddress.IsLoopback(endpoint.Address))
        {
            throw new HubStartException([.. HubOptionsValidator.Validate(options)]);
        }

        _app = Build(endpoint, new AdminAccess(token));
        await ListenAsync(_app, cancellationToken);
        var port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        Url = new UriBuilder(Uri.UriSchemeHttp, endpoint.Address.ToString(), port).Uri;
        LogListening(Url, token is null ? "open to local programs" : "token required");
    }

    /// <summary>Stops it; requests under way may end. Safe to call twice.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Url = null;
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            await app.StopAsync(cancellationToken);
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private WebApplication Build(IPEndPoint endpoint, AdminAccess access)
    {
        // empty: no appsettings.json of the working directory, no ASPNETCORE_* variables, no signal handlers
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(AdminServer).Assembly.GetName().Name });
        builder.Services.AddSingleton<ILoggerFactory>(new OrleansLogFilter(loggers));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, endpoint, options.HttpConnections));
        builder.Services.AddRouting();
        builder.Services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        }));
        builder.Services.AddOpenTelemetry().ConfigureResource(Name).WithMetrics(metrics => metrics
            .AddMeter("RemoteIngress.*", "Microsoft.Orleans", "System.Runtime")
            // an answer from a cache would say how it was before what the reader just saw happen
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0));
        var app = builder.Build();
        var errors = new ErrorHandling(loggers.CreateLogger<ErrorHandling>());
        app.Use(next => context => errors.InvokeAsync(context, next));
        app.Use(next => context => access.InvokeAsync(context, next));
        app.UseRouting();
        Map(app);
        return app;
    }

    private void Name(ResourceBuilder resource) => resource.AddService(
        ServiceName, serviceVersion: typeof(AdminServer).Assembly.GetName().Version?.ToString(3), serviceInstanceId: options.HubId);

    private void Map(WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Ok(new ProbeAnswer("ok"))).WithSummary("Whether the process runs");
        app.MapGet("/readyz", () => status.NotReadyBecause is { } reason
            ? Problems.Create(StatusCodes.Status503ServiceUnavailable, reason)
            : TypedResults.Ok(new ProbeAnswer("ready", status.GetStatus().Registry)))
            .WithSummary("Whether the hub takes tunnels and is part of its cluster").Produces<ProbeAnswer>().ProducesProblem(503);
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapOpenApi("/openapi/{documentName}.json");
        var api = app.MapGroup("/api/v1");
        api.MapGet("/status", async (CancellationToken cancellation) => TypedResults.Ok(status.GetStatus() with { Cluster = await hubs.StatusAsync(cancellation) }))
            .WithName("GetStatus").WithSummary("The state of this hub and of its cluster");
        new HubEndpoints(hubs).Map(api);
        new EventEndpoints(events, time).Map(api);
        new EdgeEndpoints(edges).Map(api);
        new SecretEndpoints(edges, new TokenIssuer(options, () => status.GetStatus().TunnelPort)).Map(api);
    }

    private static void Configure(KestrelServerOptions kestrel, IPEndPoint endpoint, int maxConnections)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestBody.MaxSmall;
        kestrel.Limits.MaxConcurrentConnections = maxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Listen(endpoint);
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "RemoteIngress hub";
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
    }

    private async Task ListenAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await StopAsync(CancellationToken.None);
            var code = (e as SocketException ?? e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException)?.SocketErrorCode;
            throw new HubStartException(
                code switch
                {
                    SocketError.AddressNotAvailable => $"--admin-url: {options.AdminUrl} is not an address of this host",
                    SocketError.AccessDenied => $"--admin-url: {options.AdminUrl} needs rights that this user does not have; choose a port above 1023",
                    _ => $"--admin-url: {options.AdminUrl} is in use by another program; choose another port, or none",
                },
                e);
        }
    }

    [LoggerMessage(3300, LogLevel.Information, "HTTP API on {Url} ({Access})", EventName = "ApiListening")]
    private partial void LogListening(Uri url, string access);
}
