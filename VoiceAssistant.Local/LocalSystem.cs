using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.CommandLine;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.WarmUps;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.WarmUps;

namespace VoiceAssistant.Local;

/// <summary>The whole system in one process: the services' own parts on one port, and what they need beside them.</summary>
internal sealed class LocalSystem : IAsyncDisposable
{
    private readonly EmbeddedRedis _redis;
    private readonly WebApplication? _assistant;
    private readonly WebApplication _app;

    private LocalSystem(EmbeddedRedis redis, WebApplication? assistant, WebApplication app)
    {
        _redis = redis;
        _assistant = assistant;
        _app = app;
    }

    /// <summary>Where the phone's page is.</summary>
    public string PhoneUrl =>
        $"http://localhost:{_app.Services.GetRequiredService<IOptions<LocalOptions>>().Value.Number}/{_app.Services.GetService<PhoneKey>()?.Query}";

    /// <summary>How a phone reaches this system.</summary>
    public PhoneLine Line => _app.Services.GetRequiredService<PhoneLine>();

    public PhoneInfo Info => _app.Services.GetRequiredService<PhoneInfo>();

    /// <param name="settings">Win over the environment and over .env.</param>
    /// <param name="configure">What the caller adds to the system.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; an <see cref="AggregateException"/> of them where several kinds are.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<LocalSystem> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<WebApplicationBuilder>? configure = null, CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = EnvironmentName() });
        var unknown = builder.Configuration.AddDotEnv();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        // What it says at start is said in one line of ours.
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);

        var redis = new EmbeddedRedis();
        var assistant = await StartOfflineAssistantAsync(builder.Configuration, cancellationToken);
        var system = new LocalSystem(redis, assistant, Compose(builder, redis, assistant, configure));
        unknown.LogTo(system._app.Logger);
        try
        {
            await system._app.StartAsync(cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="StartupFaults.WaitForExitAsync"/>
    public Task<int> WaitForExitAsync(CancellationToken cancellationToken) => StartupFaults.WaitForExitAsync(_app, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_assistant is not null)
        {
            await _assistant.DisposeAsync();
        }

        _redis.Dispose();
    }

    private static WebApplication Compose(
        WebApplicationBuilder builder, EmbeddedRedis redis, WebApplication? assistant, Action<WebApplicationBuilder>? configure)
    {
        var port = builder.Configuration.Get<LocalOptions>()?.Number ?? LocalOptions.DefaultPort;
        builder.Configuration.AddInMemoryCollection(Defaults(builder.Configuration, redis, assistant, port));

        builder.AddServiceDefaults();
        // Behind the defaults, which count only for endpoints that are added later.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        builder.AddCalls();
        builder.AddStreams();
        builder.AddRealtime();
        builder.AddRelay();
        builder.AddWarmUp(new WebhookWarmUp());
        builder.AddWarmUp(new BridgeWarmUp());
        builder.AddPhone();
        if (builder.Configuration.Get<TwilioOptions>() is { IsLocal: false })
        {
            builder.Services.AddSingleton(new PhoneKey());
        }

        builder.Services.AddOptionsWithValidateOnStart<LocalOptions, LocalOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton(services => LineTo(
            services.GetRequiredService<IOptions<TwilioOptions>>().Value, services.GetRequiredService<IOptions<IncomingCallOptions>>().Value));
        builder.Services.AddSingleton(services => PhoneInfo.Describe(
            assistant is not null, services.GetRequiredService<IOptions<RealtimeOptions>>().Value, services.GetRequiredService<PhoneLine>()));
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseBasePaths();
        app.MapDefaultEndpoints();
        app.MapCalls();
        app.MapStreams();
        app.MapPhone();

        return app;
    }

    // Neither Production, which refuses a developer's tunnel, nor Development, whose error pages a tunnel would show to the world.
    internal static string EnvironmentName() =>
        Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is { Length: > 0 } dotnet ? dotnet
        : Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is { Length: > 0 } aspnetcore ? aspnetcore
        : "Local";

    private static Dictionary<string, string?> Defaults(ConfigurationManager given, EmbeddedRedis redis, WebApplication? assistant, int port)
    {
        var defaults = new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            // Everything is on one port, which a tunnel may make public.
            ["MANAGEMENT_PORT"] = "",
        };
        if (assistant is not null)
        {
            defaults["REALTIME_URL"] = assistant.RealtimeUrl();
        }

        SetDefault(TwilioOptions.AuthTokenName, DevelopmentAuthToken.Get);
        SetDefault(TwilioOptions.PublicUrlName, () => $"http://localhost:{port}");
        if (new TwilioOptions { PublicUrl = defaults.GetValueOrDefault(TwilioOptions.PublicUrlName) ?? given[TwilioOptions.PublicUrlName]! }.IsLocal)
        {
            // Nobody calls but this machine's phones, and one command places this many.
            SetDefault(StreamOptions.MaxCallsName, () => $"{CallCommand.MaxCalls}");
            foreach (var budget in BudgetOptions.Names)
            {
                SetDefault(budget, () => "0");
            }
        }

        return defaults;

        void SetDefault(string name, Func<string> value)
        {
            if (string.IsNullOrWhiteSpace(given[name]))
            {
                defaults[name] = value();
            }
        }
    }

    private static async Task<WebApplication?> StartOfflineAssistantAsync(ConfigurationManager given, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(given["OPENAI_API_KEY"]) || !string.IsNullOrWhiteSpace(given["REALTIME_URL"]))
        {
            return null;
        }

        var assistant = OfflineAssistantHost.Create(port: 0);
        await assistant.StartAsync(cancellationToken);
        return assistant;
    }

    private static PhoneLine LineTo(TwilioOptions twilio, IncomingCallOptions calls) => new(
        twilio.PublicUrl + CallEndpoints.IncomingCall,
        twilio.AuthTokens[0],
        twilio.AccountSid is "" ? DevelopmentAuthToken.AccountSid : twilio.AccountSid,
        From: calls.AllowedNumbers.FirstOrDefault("+15550100001"),
        To: "+15550100002");
}
