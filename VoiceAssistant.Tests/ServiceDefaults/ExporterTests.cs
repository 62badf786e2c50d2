using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

public sealed class ExporterTests
{
    [Fact]
    public async Task Log_SaysNothingOfExports_WhereNobodyReceivesThem()
    {
        using var log = new LogRecorder();
        var builder = WebApplication.CreateBuilder();
        // Nobody listens on port 1.
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";
        builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddServiceDefaults();
        await using var app = builder.Build();

        using (var source = new ActivitySource("VoiceAssistant.Tests"))
        {
            // Subscribes to the source.
            var traces = app.Services.GetRequiredService<TracerProvider>();
            source.StartActivity("span")!.Dispose();
            traces.ForceFlush(5000);
        }

        app.Services.GetRequiredService<MeterProvider>().ForceFlush(5000);
        LoggerMessage.Define(LogLevel.Warning, new(1, "Line"), "To be exported.")(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Test"), null);
        app.Services.GetRequiredService<LoggerProvider>().ForceFlush(5000);

        Assert.Equal(["Test[Line] To be exported. "], log.All.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Text));
    }
}
