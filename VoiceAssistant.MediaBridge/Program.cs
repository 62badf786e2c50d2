using VoiceAssistant;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Rehearsals;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Rehearsals;
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
    builder.AddRehearsal(new BridgePlay());

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
