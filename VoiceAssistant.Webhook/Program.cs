using VoiceAssistant;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.PublicUrl;
using VoiceAssistant.Webhook.WarmUps;

return await StartupFaults.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);

    var unknown = builder.Configuration.AddDotEnv();
    builder.AddServiceDefaults();
    builder.AddCalls();
    builder.AddPublicUrlCheck();
    builder.AddWarmUp(new WebhookWarmUp());

    var app = builder.Build();
    unknown.LogTo(app.Logger);

    app.UseBasePaths();
    app.UsePublicUrlProof();
    app.MapDefaultEndpoints();
    app.MapCalls();

    return app;
});
