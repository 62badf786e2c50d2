using Microsoft.Extensions.Http.Resilience;
using Polly.Timeout;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.Calls;

internal static class RescueServices
{
    public static void AddRescue(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<TwilioApiOptions, TwilioApiOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<CallRescue>();
        builder.Services.AddHostedService(services => new BeforeStop<CallRescue>(services, static (rescue, cancellationToken) => rescue.CompleteAsync(cancellationToken)));

        builder.Services.AddTransient<TwilioAddress>();
        var twilio = builder.Services.AddHttpClient<CallRedirect>().AddHttpMessageHandler<TwilioAddress>();
        // Its lines would show whose account it is.
        twilio.RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // Only for evaluation; without it, the house's patience would multiply with this one.
        twilio.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        twilio.AddStandardResilienceHandler(Hurry);
    }

    // A caller hears silence: three tries in five seconds, but none after one that was not answered. That may have been carried out, and the next would
    // cut off the stream that the call has by then.
    private static void Hurry(HttpStandardResilienceOptions options)
    {
        options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(5);
        options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(4.5);
        options.Retry.MaxRetryAttempts = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(250);
        options.Retry.ShouldHandle = tried => ValueTask.FromResult(
            tried.Outcome.Exception is not TimeoutRejectedException && HttpClientResiliencePredicates.IsTransient(tried.Outcome));
    }
}
