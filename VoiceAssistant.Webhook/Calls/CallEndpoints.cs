using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using VoiceAssistant.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>What Twilio asks about a call, and the TwiML that it gets.</summary>
internal static class CallEndpoints
{
    public const string IncomingCall = "/incoming-call";
    public const string StreamEnded = "/stream-ended";

    // Twilio's requests have some 25 short fields.
    private const int MaxBody = 32 * 1024;

    public static IHostApplicationBuilder AddCalls(this IHostApplicationBuilder builder)
    {
        builder.AddCallState();
        builder.Services.AddOptionsWithValidateOnStart<IncomingCallOptions, IncomingCallOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<Freshness>();
        builder.Services.AddSingleton<IncomingCallHandler>();

        return builder;
    }

    public static void MapCalls(this IEndpointRouteBuilder routes)
    {
        routes.MapTwilio(IncomingCall, (HttpContext http, IncomingCallHandler handler) =>
            handler.AnswerAsync(http.Features.GetRequiredFeature<TwilioForm>(), http.RequestAborted));
        routes.MapTwilio(StreamEnded, TwiML.Goodbye);
    }

    private static void MapTwilio(this IEndpointRouteBuilder routes, string path, Delegate handler) =>
        routes.MapPost(path, handler)
            .AddEndpointFilter<TwilioSignatureFilter>()
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody));
}
