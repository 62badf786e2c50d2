using VoiceAssistant;
using VoiceAssistant.Calls;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.PublicUrl;

return await StartupFaults.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);

    builder.Configuration.AddDotEnv();
    builder.AddServiceDefaults();
    builder.AddCalls();
    builder.AddPublicUrlCheck();

    var app = builder.Build();

    app.UseBasePaths();
    app.UsePublicUrlProof();
    app.MapDefaultEndpoints();
    app.MapCalls();

    return app;
});
