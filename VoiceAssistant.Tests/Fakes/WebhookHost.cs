using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.PublicUrl;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The webhook as it runs, on loopback, behind an address that only Twilio knows.</summary>
internal sealed class WebhookHost : IAsyncDisposable
{
    public const string PublicUrl = "https://voice.example";
    public const string AuthToken = "12345";

    private readonly WebApplication _app;

    private WebhookHost(string redis, bool patient, TimeProvider? time, (string Name, string Value)[] settings)
    {
        // Some settings count before there is a builder to give them to.
        var builder = WebApplication.CreateBuilder(["--environment=Local", .. settings.Select(setting => $"--{setting.Name}={setting.Value}")]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Trace);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = redis,
            ["TWILIO_AUTH_TOKEN"] = AuthToken,
            ["TWILIO_ACCOUNT_SID"] = "",
            ["PUBLIC_URL"] = PublicUrl,
        });
        // Whoever calls here calls often.
        builder.Configuration.AddInMemoryCollection(BudgetOptions.Names.Select(name => KeyValuePair.Create<string, string?>(name, "0")));
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, string? (setting) => setting.Value));
        if (patient)
        {
            builder.Services.PostConfigure<ConfigurationOptions>(TestRedis.BePatient);
        }

        builder.Services.AddSingleton(time ?? (patient ? new UnhurriedClock(Time) : TimeProvider.System));

        builder.AddServiceDefaults();
        builder.AddCalls();
        builder.AddPublicUrlCheck();

        _app = builder.Build();
        _app.UseBasePaths();
        _app.UsePublicUrlProof();
        _app.MapDefaultEndpoints();
        _app.MapCalls();
    }

    /// <summary>Stands at the time at which the Function signed the requests.</summary>
    public StandingClock Time { get; } = new(CallForm.ForwardedAt);

    public LogRecorder Log { get; } = new();

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TestTimeout.Value };

    public IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    public StreamTokens Tokens => _app.Services.GetRequiredService<StreamTokens>();

    public T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A webhook that waits for Redis as long as a busy machine needs.</summary>
    public static Task<WebhookHost> StartAsync(string redis, params (string Name, string Value)[] settings) => StartAsync(redis, patient: true, time: null, settings);

    /// <summary>As above, on another clock than <see cref="Time"/>.</summary>
    public static Task<WebhookHost> StartAsync(string redis, TimeProvider time, params (string Name, string Value)[] settings) => StartAsync(redis, patient: true, time, settings);

    /// <summary>A webhook that waits for Redis as long as a caller can wait.</summary>
    public static Task<WebhookHost> StartImpatientAsync(string redis, params (string Name, string Value)[] settings) => StartAsync(redis, patient: false, time: null, settings);

    public Task<HttpResponseMessage> SendAsync(TwilioRequest request) => SendAsync(request.ToMessage());

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Client.SendAsync(request, TestTimeout.Token);

    /// <summary>Opens a connection for what no HTTP client would send.</summary>
    public async Task<NetworkStream> SendRawAsync(string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port, TestTimeout.Token);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestTimeout.Token);
        return stream;
    }

    public Task StopAsync() => _app.StopAsync(TestTimeout.Token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        var disposing = _app.DisposeAsync().AsTask();
        while (await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(10))) != disposing)
        {
            // What an HTTP client still waits for then is on this clock.
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await disposing;
    }

    private static async Task<WebhookHost> StartAsync(string redis, bool patient, TimeProvider? time, (string Name, string Value)[] settings)
    {
        var host = new WebhookHost(redis, patient, time, settings);
        await host._app.StartAsync(TestTimeout.Token);
        host.Client.BaseAddress = new Uri(host._app.Urls.Single());
        return host;
    }
}
