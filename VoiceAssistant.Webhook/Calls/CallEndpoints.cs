using Microsoft.AspNetCore.Http.Features;
using VoiceAssistant.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>What Twilio asks about a call, and the TwiML that it gets.</summary>
internal static class CallEndpoints
{
    public const string IncomingCall = "/incoming-call";
    public const string StreamEnded = "/stream-ended";

    public static IHostApplicationBuilder AddCalls(this IHostApplicationBuilder builder)
    {
        builder.AddCallState();
        builder.AddRequestRate();
        builder.Services.AddOptionsWithValidateOnStart<IncomingCallOptions, IncomingCallOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<TwilioSignatureFilter>();
        builder.Services.AddSingleton<Freshness>();
        builder.Services.AddSingleton<BridgeRoom>();
        builder.Services.AddSingleton<IncomingCallHandler>();

        return builder;
    }

    public static void MapCalls(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path == IncomingCall || context.Request.Path == StreamEnded, call => call.UseClientAddress());
        app.UseRateLimiter();
        app.MapTwilio(IncomingCall, (HttpContext http, IncomingCallHandler handler) =>
            handler.AnswerAsync(http.Features.GetRequiredFeature<TwilioForm>(), http.RequestAborted));
        app.MapTwilio(StreamEnded, TwiML.Goodbye);
    }

    private static void MapTwilio(this IEndpointRouteBuilder routes, string path, Delegate handler) =>
        routes.MapPost(path, handler)
            // The type alone would be created for each request; taken while routes are mapped, it would report its settings' faults without all others.
            .AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<TwilioSignatureFilter>().InvokeAsync(context, next))
            .AddEndpointFilter<CallScopeFilter>()
            .RequireRateLimiting(RequestRate.Policy);
}
