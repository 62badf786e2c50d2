using VoiceAssistant;
using VoiceAssistant.Webhook.Calls;

var builder = WebApplication.CreateBuilder(args);

builder.Configuration.AddDotEnv();
builder.AddServiceDefaults();
builder.AddCalls();

var app = builder.Build();

app.MapCalls();
app.MapDefaultEndpoints();

return await app.RunOrExplainAsync();
