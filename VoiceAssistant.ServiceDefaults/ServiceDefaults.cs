using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;

namespace VoiceAssistant;

/// <summary>What every service of the system has: telemetry, health, limits, service discovery and resilient HTTP clients.</summary>
public static class ServiceDefaults
{
    /// <summary>Where a service says whether it can take work.</summary>
    public const string Ready = "/health";

    /// <summary>The tag of a check that is told of and keeps no work away, as another place is to be mended.</summary>
    public const string Advice = "advice";

    private const string Alive = "/alive";

    // The services' own meters and activity sources.
    private const string Ours = "VoiceAssistant.*";

    // What the exporters of OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf call their HTTP clients.
    private static readonly string[] Exporters = ["OtlpTraceExporter", "OtlpMetricExporter", "OtlpLogExporter"];

    // As settings, not as filters in code: those would win over what the operator sets.
    private static readonly Dictionary<string, string?> LogLevels = new()
    {
        // One line per request and per outgoing call would bury the lines about calls.
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        // Who takes no work for now says so itself, once; not at every probe.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Error",
        // A stack trace for every try to connect, two in a second, while Redis is away: what that costs is said by whoever needed it.
        ["Logging:LogLevel:StackExchange.Redis"] = "None",
        // Why the service could not start, or stops by itself, is said by StartupFaults, or thrown.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
    };

    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.AddTelemetry();
        builder.AddServerLimits();
        Refusal.AddBodies(builder);

        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddManagementPort();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });

        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c>, 200 when the service can take work (Degraded where it should be told something), and <c>/alive</c>, 200 while it should not be restarted: a word each, on every port.
    /// </summary>
    /// <param name="app">Before anything else is mapped, so that nothing else answers on the management port.</param>
    /// <param name="mapManagement">What only the operator may ask for, on MANAGEMENT_PORT; where that is not set, nobody.</param>
    public static void MapDefaultEndpoints(this WebApplication app, Action<IEndpointRouteBuilder>? mapManagement = null)
    {
        Refusal.UseBodies(app);
        // The status only, in Development too: a tunnel would show the developer's page to the world.
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = static _ => Task.CompletedTask,
            StatusCodeSelector = static exception => (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
        });
        app.UseManagementPort(management =>
        {
            management.MapHealth();
            mapManagement?.Invoke(management);
        });
        app.MapHealth();
    }

    private static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(Ready, new HealthCheckOptions
        {
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
            ResponseWriter = WriteHealthAsync,
        });
        routes.MapHealthChecks(Alive, new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
    }

    private static Task WriteHealthAsync(HttpContext context, HealthReport report)
    {
        if (report.Entries.Values.All(check => check.Status is HealthStatus.Healthy || check.Tags.Contains(Advice)))
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
        }

        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync($"{report.Status}");
    }

    private static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogLevels });
        builder.Services.PostConfigure<LoggerFilterOptions>(IndiscreetLoggers.Silence);

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(Ours)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithTracing(tracing => tracing
                .AddSource(Ours)
                .AddAspNetCoreInstrumentation(options =>
                {
                    // At their end, as the public address may have a path.
                    options.Filter = context => context.Request.Path.Value is not { } path
                        || !(path.EndsWith(Ready, StringComparison.OrdinalIgnoreCase) || path.EndsWith(Alive, StringComparison.OrdinalIgnoreCase));
                    options.EnrichWithHttpResponse = IgnoreTraceOfStranger;
                })
                .AddHttpClientInstrumentation());

        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            telemetry.ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName));
        }

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
            builder.Services.LeaveExportsToTheExporter();
        }
    }

    /// <summary>An exporter repeats by itself; a handler that did so too would tell of each try with a stack trace, which is a log line to export.</summary>
    private static void LeaveExportsToTheExporter(this IServiceCollection services)
    {
        foreach (var exporter in Exporters)
        {
#pragma warning disable EXTEXP0001 // Experimental, and the only way to take back for one client what all have.
            services.AddHttpClient(exporter).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        }
    }

    /// <summary>Whoever was refused has no say in whose trace it is shown, nor whether it is recorded; counters and logs show it anyway.</summary>
    /// <remarks>Also for every WebSocket: Twilio sends no traceparent with one, the call's trace comes with its token.</remarks>
    private static void IgnoreTraceOfStranger(Activity request, HttpResponse response)
    {
        if (request.HasRemoteParent && response.StatusCode is StatusCodes.Status101SwitchingProtocols or (>= 400 and < 500))
        {
            request.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
