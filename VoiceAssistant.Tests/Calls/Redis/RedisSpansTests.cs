using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Redis;

public sealed class RedisSpansTests
{
    [Fact]
    public async Task Command_IsExported_WithinWhatAsksForIt_AndOtherwiseNot()
    {
        using var redis = new EmbeddedRedis();
        using var asking = new ActivitySource("VoiceAssistant.Asking");
        var exported = new Exporter();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = redis.ConnectionString, ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken, ["PUBLIC_URL"] = WebhookHost.PublicUrl,
        });
        builder.AddServiceDefaults();
        builder.AddCallState();
        builder.Services.PostConfigure<ConfigurationOptions>(TestRedis.BePatient);
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new SimpleActivityExportProcessor(exported)));

        Activity asked;
        await using (var app = builder.Build())
        {
            // At its start, it tries what it will need.
            await app.StartAsync(TestTimeout.Token);
            var database = app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            await database.StringGetAsync("va:key");
            using (asked = asking.StartActivity("asking")!)
            {
                await database.StringSetAsync("va:key", "value");
                await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestTimeout.Token);
            }
        }

        // Other tests' services are in the process, too.
        var commands = exported.Spans.Where(span => span.Source.Name is RedisSpans.Source).ToList();
        var command = Assert.Single(commands, span => span.TraceId == asked.TraceId);
        Assert.Equal(("SET", asked.SpanId), (command.OperationName, command.ParentSpanId));
        Assert.Equal("SET", command.GetTagItem("db.statement"));
        Assert.DoesNotContain(commands, span => span.ParentSpanId == default);
    }

    private sealed class Exporter : BaseExporter<Activity>
    {
        public ConcurrentQueue<Activity> Spans { get; } = new();

        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
            {
                Spans.Enqueue(span);
            }

            return ExportResult.Success;
        }
    }
}
