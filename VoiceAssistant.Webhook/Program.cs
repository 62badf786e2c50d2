using VoiceAssistant;
using VoiceAssistant.Webhook.Calls;

return await StartupFaults.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);

    builder.Configuration.AddDotEnv();
    builder.AddServiceDefaults();
    builder.AddCalls();

    var app = builder.Build();

    app.MapDefaultEndpoints();
    app.MapCalls();

    return app;
});
