using Microsoft.AspNetCore.Http.Features;
using VoiceAssistant.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>What Twilio asks about a call, and the TwiML that it gets.</summary>
internal static class CallEndpoints
{
    public const string IncomingCall = "/incoming-call";
    public const string StreamEnded = "/stream-ended";
    public const string StreamStatus = "/stream-status";

    /// <summary>Behind <see cref="StreamEnded"/> and a sequence: asked by whoever was told to, where a stream's action is asked by Twilio itself.</summary>
    public const string Rescue = "/rescue";

    // One digit: the signature has nothing between the URL and the form, and no field's name begins with another.
    private const string Sequence = "/{sequence:int:range(1,9)}";

    public static IHostApplicationBuilder AddCalls(this IHostApplicationBuilder builder)
    {
        builder.AddCallState();
        builder.AddRequestRate();
        builder.Services.AddOptionsWithValidateOnStart<IncomingCallOptions, IncomingCallOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<TwilioSignatureFilter>();
        builder.Services.AddSingleton<Freshness>();
        builder.Services.AddSingleton<BridgeRoom>();
        builder.Services.AddSingleton<IncomingCallHandler>();
        builder.Services.AddSingleton<StreamDocument>();
        builder.Services.AddSingleton<StreamEndedHandler>();
        builder.Services.AddSingleton<StreamStatusHandler>();
        builder.AddRescue();

        return builder;
    }

    public static void MapCalls(this WebApplication app)
    {
        app.UseWhen(IsTwilios, call => call.UseClientAddress());
        app.UseRateLimiter();
        app.MapTwilio(IncomingCall, (HttpContext http, IncomingCallHandler handler) =>
            handler.AnswerAsync(http.Features.GetRequiredFeature<TwilioForm>(), http.RequestAborted));
        app.MapTwilio(StreamEnded + Sequence, (HttpContext http, int sequence, StreamEndedHandler handler) =>
            handler.AnswerAsync(http.Features.GetRequiredFeature<TwilioForm>(), sequence, isRescue: false, http.RequestAborted));
        app.MapTwilio(StreamEnded + Sequence + Rescue, (HttpContext http, int sequence, StreamEndedHandler handler) =>
            handler.AnswerAsync(http.Features.GetRequiredFeature<TwilioForm>(), sequence, isRescue: true, http.RequestAborted));
        app.MapTwilio(StreamStatus + Sequence, (HttpContext http, int sequence, StreamStatusHandler handler) =>
            handler.Hear(http.Features.GetRequiredFeature<TwilioForm>(), sequence));
    }

    private static bool IsTwilios(HttpContext context) =>
        context.Request.Path == IncomingCall || context.Request.Path.StartsWithSegments(StreamEnded) || context.Request.Path.StartsWithSegments(StreamStatus);

    private static void MapTwilio(this IEndpointRouteBuilder routes, string path, Delegate handler) =>
        routes.MapPost(path, handler)
            // The type alone would be created for each request; taken while routes are mapped, it would report its settings' faults without all others.
            .AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<TwilioSignatureFilter>().InvokeAsync(context, next))
            .AddEndpointFilter<CallScopeFilter>()
            .RequireRateLimiting(RequestRate.Policy);
}
