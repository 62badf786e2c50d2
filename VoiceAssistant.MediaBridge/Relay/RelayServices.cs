using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

internal static class RelayServices
{
    public static IHostApplicationBuilder AddRelay(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<CallOptions, CallOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<CallMetrics>();
        builder.Services.AddSingleton<LiveCalls>();
        builder.Services.AddSingleton<CallRelay>();
        builder.Services.AddSingleton<MediaStreamDelegate>(services => services.GetRequiredService<CallRelay>().RunAsync);

        return builder;
    }
}
