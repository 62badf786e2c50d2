using VoiceAssistant;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;

var builder = WebApplication.CreateBuilder(args);

builder.Configuration.AddDotEnv();
builder.AddServiceDefaults();
builder.AddStreams();
builder.AddRealtime();
builder.AddRelay();

var app = builder.Build();

app.MapStreams();
app.MapDefaultEndpoints();

return await app.RunOrExplainAsync();
