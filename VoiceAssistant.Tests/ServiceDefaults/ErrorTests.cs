using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>A fault of ours is told to the log, and to nobody who asks from outside.</summary>
[Trait("Proves", "T-S9")]
public sealed class ErrorTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    [InlineData("Local")]
    public async Task Fault_IsAnsweredWithoutAWord(string environment)
    {
        using var log = new LogRecorder();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/fault", IResult () => throw new InvalidOperationException("The reason"));
        app.MapGet("/too-long", IResult () => throw new BadHttpRequestException("The reason", StatusCodes.Status413PayloadTooLarge));
        await app.StartAsync(TestTimeout.Token);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TestTimeout.Value };
        client.DefaultRequestHeaders.Add("Accept", "text/html");

        foreach (var (path, status) in new[] { ("/fault", HttpStatusCode.InternalServerError), ("/too-long", HttpStatusCode.RequestEntityTooLarge), ("/none", HttpStatusCode.NotFound) })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestTimeout.Token);

            Assert.Equal((path, status), (path, response.StatusCode));
            await RefusalBody.AssertSaysNothingElseAsync(response);
            Assert.Empty(response.Headers.Server);
        }

        Assert.Contains(log.Errors, line => line.Contains("The reason", StringComparison.Ordinal));
    }
}
