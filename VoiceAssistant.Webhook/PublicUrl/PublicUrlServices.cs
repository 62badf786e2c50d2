using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.PublicUrl;

internal static class PublicUrlServices
{
    public static IHostApplicationBuilder AddPublicUrlCheck(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PublicUrlProbe>();
        builder.Services.AddSingleton<PublicUrlCheck>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PublicUrlCheck>());
        builder.Services.AddHealthChecks().AddCheck<PublicUrlCheck>("public-url", tags: [ServiceDefaults.Advice]);

        var client = builder.Services.AddHttpClient(PublicUrlProbe.Client).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
        client.RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // Only for evaluation; it is asked again anyway.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        return builder;
    }

    /// <summary>Lets <c>/health</c> prove to whoever asks whose it is. Without the nonce it says what it says to everybody.</summary>
    public static void UsePublicUrlProof(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.Path == ServiceDefaults.Ready && context.Request.Headers[PublicUrlProof.NonceName] is [{ } nonce] && PublicUrlProof.IsNonce(nonce))
        {
            context.Response.Headers[PublicUrlProof.HeaderName] = PublicUrlProof.Create(context.RequestServices.GetRequiredService<IOptions<TwilioOptions>>().Value.AuthTokens, nonce);
        }

        return next(context);
    });
}
