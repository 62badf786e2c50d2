using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>The phone on a real Kestrel, its calls answered by a <see cref="FakeService"/>.</summary>
internal sealed class PhoneHost : IAsyncDisposable
{
    public static readonly PhoneInfo Info = new("Offline assistant", null, "Set OPENAI_API_KEY to talk with OpenAI.", "http://localhost/incoming-call");

    private readonly WebApplication _app;

    private PhoneHost(FakeService service)
    {
        Service = service;

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Info);
        builder.Services.AddSingleton(new PhoneLine(service.WebhookUrl, "token", "AC" + new string('0', 32), "+15550100", "+15550199"));
        builder.AddPhone();

        _app = builder.Build();
        _app.MapPhone();
    }

    public FakeService Service { get; }

    public Uri Url => new(_app.Urls.Single());

    public static async Task<PhoneHost> StartAsync()
    {
        var host = new PhoneHost(await FakeService.StartAsync());
        await host._app.StartAsync();
        return host;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Service.DisposeAsync();
    }
}
