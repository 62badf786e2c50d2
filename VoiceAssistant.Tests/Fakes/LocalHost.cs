using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The whole system as <c>dotnet run --project VoiceAssistant.Local</c> starts it, on a port of its own, whatever the machine's settings are.</summary>
internal sealed class LocalHost(LocalSystem system, LogRecorder log) : IAsyncDisposable
{
    private static readonly string[] Names =
    [
        "OPENAI_API_KEY", "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "PUBLIC_URL", "SYSTEM_MESSAGE", "VOICE", "TURN_DETECTION", "REALTIME_URL",
        "REALTIME_MODEL", "REALTIME_AUTH", "REALTIME_SESSION", "TEMPERATURE", "ALLOWED_NUMBERS", "REQUIRE_FORWARDED_AT", "HANDSHAKE_SIGNATURE", "MAX_CALLS", "MAX_CALL_MINUTES",
        "TWILIO_API_URL", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "REALTIME_PRICES", .. BudgetOptions.Names,
        "TRANSCRIPTION_MODEL", "SESSION_MINUTES", "WARM_SESSIONS", "DRAIN_SECONDS",
    ];

    private readonly HttpClient _http = new();

    public LogRecorder Log => log;

    public PhoneLine Line => system.Line;

    public PhoneInfo Info => system.Info;

    public Uri PhoneUrl => new(system.PhoneUrl);

    public static async Task<LocalHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var all = Names.ToDictionary(name => name, string? (_) => "");
        all["PORT"] = $"{LoopbackPort.Free()}";
        // Sessions come when a call does.
        all["WARM_SESSIONS"] = "0";
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        var log = new LogRecorder();
        return new LocalHost(await LocalSystem.StartAsync(all, builder => Configure(builder, log), TestTimeout.Token), log);
    }

    public PhoneCall Call(ICaller caller, PhoneLine? line = null) => new(line ?? Line, caller, _http, TimeProvider.System);

    /// <summary>Places a call, and hangs up as soon as something is to be heard.</summary>
    public async Task AssertCallerIsGreetedAsync(PhoneLine? line = null)
    {
        var caller = new FakeCaller();
        var call = Call(caller, line);

        var running = call.RunAsync(TestTimeout.Token);
        while ((await caller.HearAsync()).All(sample => sample == MuLaw.Silence))
        {
        }

        call.HangUp();
        Assert.Equal(CallEndKind.HungUp, (await running.WaitAsync(TestTimeout.Token)).Kind);
        Assert.Empty(call.Times.Warnings);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await system.DisposeAsync();
    }

    private static void Configure(WebApplicationBuilder builder, LogRecorder log)
    {
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(new PatientClock());
        builder.Services.PostConfigure<ConfigurationOptions>(TestRedis.BePatient);
    }
}
