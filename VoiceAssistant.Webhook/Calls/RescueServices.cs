using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace VoiceAssistant.Webhook.Calls;

internal static class RescueServices
{
    public static void AddRescue(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<TwilioApiOptions, TwilioApiOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<CallRescue>();
        builder.Services.AddHostedService<RescuesBeforeStop>();

        var twilio = builder.Services.AddHttpClient<TwilioApi>((services, http) =>
            http.BaseAddress = new Uri(services.GetRequiredService<IOptions<TwilioApiOptions>>().Value is { Url: not "" } api ? api.Url : TwilioApiOptions.DefaultUrl));
        // Its lines would show whose account it is.
        twilio.RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // Only for evaluation; without it, the house's patience would multiply with this one.
        twilio.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        twilio.AddStandardResilienceHandler(Hurry);
    }

    private sealed class RescuesBeforeStop(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        // Asked for only here: before the start, one wrong setting would hide all others.
        public Task StopAsync(CancellationToken cancellationToken) => services.GetRequiredService<CallRescue>().CompleteAsync(cancellationToken);
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
