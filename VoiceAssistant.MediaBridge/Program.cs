using VoiceAssistant;
using VoiceAssistant.Calls.Rehearsals;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Rehearsals;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;

return await StartupFaults.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);

    builder.Configuration.AddDotEnv();
    builder.AddServiceDefaults();
    builder.AddStreams();
    builder.AddRealtime();
    builder.AddRelay();
    builder.AddRehearsal(new BridgePlay());

    var app = builder.Build();

    app.MapDefaultEndpoints(management =>
    {
        management.MapRoom();
        management.MapDrain();
    });
    app.MapStreams();

    return app;
});
