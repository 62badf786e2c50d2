using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

public sealed class HealthTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, HealthStatus.Healthy, HttpStatusCode.OK, "Healthy")]
    [InlineData(HealthStatus.Healthy, HealthStatus.Degraded, HttpStatusCode.OK, "Degraded")]
    [InlineData(HealthStatus.Degraded, HealthStatus.Healthy, HttpStatusCode.ServiceUnavailable, "Degraded")]
    [InlineData(HealthStatus.Degraded, HealthStatus.Degraded, HttpStatusCode.ServiceUnavailable, "Degraded")]
    [InlineData(HealthStatus.Unhealthy, HealthStatus.Degraded, HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    public async Task Service_IsReady_WhateverIsOnlyToBeTold(HealthStatus work, HealthStatus advice, HttpStatusCode status, string word)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddHealthChecks()
            .AddCheck("work", () => new HealthCheckResult(work))
            .AddCheck("advice", () => new HealthCheckResult(advice), [VoiceAssistant.ServiceDefaults.Advice]);
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(TestTimeout.Token);
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri(new Uri(app.Urls.Single()), "/health"), TestTimeout.Token);

        Assert.Equal((status, word), (response.StatusCode, await response.Content.ReadAsStringAsync(TestTimeout.Token)));
    }
}
