using VoiceAssistant;
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

    app.UsePublicUrlProof();
    app.MapDefaultEndpoints();
    app.MapCalls();

    return app;
});
