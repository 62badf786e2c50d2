using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

internal static partial class RealtimeServices
{
    public static IHostApplicationBuilder AddRealtime(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<RealtimeOptions, RealtimeOptionsValidator>().BindConfiguration("");
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RealtimeMetrics>();
        builder.Services.AddSingleton<MessageContent>();
        builder.Services.AddSingleton<ModelHealth>();
        builder.Services.AddSingleton<SessionSettings>();
        builder.Services.AddSingleton<RealtimeConnector>();
        builder.Services.AddSingleton<RealtimeSessions>();
        builder.Services.AddSingleton<WarmSessions>();
        builder.Services.AddHostedService<WarmSessionsStart>();
        builder.Services.AddHostedService<DoubtfulSettings>();
        builder.Services.AddHostedService<ModelCheck>();

        return builder;
    }

    /// <summary>Starts what relies on the settings; not before all of them have been looked at and every fault has been named.</summary>
    private sealed class WarmSessionsStart(IServiceProvider services) : IHostedService
    {
        private WarmSessions? _warm;

        public Task StartAsync(CancellationToken cancellationToken) =>
            (_warm = services.GetRequiredService<WarmSessions>()).StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => _warm?.StopAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>Says once at start which settings have no effect, or are likely to be refused: those of old .env files, and one that has its place on a developer's machine.</summary>
    private sealed partial class DoubtfulSettings(
        IOptions<RealtimeOptions> options, IServiceProvider services, IHostEnvironment environment, ILogger<DoubtfulSettings> logger) : IHostedService
    {
        // https://platform.openai.com/docs/api-reference/realtime-client-events/session/update. Those of the speech API are more: nova is one of them.
        private static readonly string[] Voices = ["alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"];

        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (SessionUpdate.Voice(options.Value) is var (voice, setting) && !Voices.Contains(voice))
            {
                LogVoice(setting, voice, string.Join(", ", Voices));
            }

            if (options.Value.Temperature is not "")
            {
                LogTemperature();
            }

            if (services.GetRequiredService<MessageContent>() is { IsWanted: true, IsCaptured: false })
            {
                LogContent(environment.EnvironmentName);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(1, LogLevel.Warning, "TEMPERATURE is set and has no effect: the Realtime API has no temperature any more. Remove the setting.",
            EventName = "TemperatureIgnored")]
        private partial void LogTemperature();

        [LoggerMessage(2, LogLevel.Warning,
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT is true and has no effect in the environment {Environment}: what is said stands in traces in Development only.",
            EventName = "MessageContentIgnored")]
        private partial void LogContent(string environment);

        [LoggerMessage(3, LogLevel.Warning, "{Setting} names the voice {Voice}, which OpenAI's Realtime API is not known to have: it has {Voices}.", EventName = "VoiceUnknown")]
        private partial void LogVoice(string setting, string voice, string voices);
    }
}
