using VoiceAssistant;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.WarmUps;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;

return await StartupFaults.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);

    var unknown = builder.Configuration.AddDotEnv();
    builder.AddServiceDefaults();
    builder.AddStreams();
    builder.AddRealtime();
    builder.AddRelay();
    builder.AddWarmUp(new BridgeWarmUp());

    var app = builder.Build();
    unknown.LogTo(app.Logger);

    app.UseBasePaths();
    app.MapDefaultEndpoints(management =>
    {
        management.MapRoom();
        management.MapDrain();
    });
    app.MapStreams();

    return app;
});
