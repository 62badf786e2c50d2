using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>What a service exports, and who has a say in it.</summary>
public sealed class TracingTests : IAsyncLifetime
{
    private const string TraceOfSomebody = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly Channel<Activity> _exported = Channel.CreateUnbounded<Activity>();
    private readonly HttpClient _client = new(new SocketsHttpHandler { ActivityHeadersPropagator = null });
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new SimpleActivityExportProcessor(new Exporter(_exported.Writer))));

        _app = builder.Build();
        _app.Map("/{status:int}", (int status) => Results.StatusCode(status));
        await _app.StartAsync(TestTimeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task Refused_AreNotExported_IntoTheTraceTheyAskFor(int status)
    {
        await GetAsync(status, TraceOfSomebody);
        await GetAsync(status, trace: null);

        Assert.NotEqual(TraceOfSomebody, (await ExportedAsync()).TraceId.ToHexString());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task Answered_AreExported_IntoTheTraceTheyCameWith(int status)
    {
        await GetAsync(status, TraceOfSomebody);

        Assert.Equal(TraceOfSomebody, (await ExportedAsync()).TraceId.ToHexString());
    }

    [Fact]
    public async Task HealthChecks_AreNotExported()
    {
        _app.MapDefaultEndpoints();
        using var alive = await _client.GetAsync(_app.Urls.Single() + "/alive", TestTimeout.Token);
        await GetAsync(200, TraceOfSomebody);

        Assert.Equal(TraceOfSomebody, (await ExportedAsync()).TraceId.ToHexString());
    }

    [Fact]
    public async Task OurOwnSpans_AreExported()
    {
        using var source = new ActivitySource("VoiceAssistant.Anything");
        source.StartActivity("voice.anything")!.Dispose();

        Assert.Equal("voice.anything", (await ExportedAsync()).OperationName);
    }

    private async Task GetAsync(int status, string? trace)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_app.Urls.Single()}/{status}");
        if (trace is not null)
        {
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        }

        using var response = await _client.SendAsync(request, TestTimeout.Token);
        Assert.Equal(status, (int)response.StatusCode);
    }

    /// <returns>The next span of a request to this service, or of ours: other tests' services are in the process, too.</returns>
    private async Task<Activity> ExportedAsync()
    {
        while (true)
        {
            var span = await _exported.Reader.ReadAsync(TestTimeout.Token);
            if (span.Source.Name == "VoiceAssistant.Anything" || $"{span.GetTagItem("server.port")}" == $"{new Uri(_app.Urls.Single()).Port}" && span.Kind == ActivityKind.Server)
            {
                return span;
            }
        }
    }

    private sealed class Exporter(ChannelWriter<Activity> exported) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
            {
                exported.TryWrite(span);
            }

            return ExportResult.Success;
        }
    }
}
