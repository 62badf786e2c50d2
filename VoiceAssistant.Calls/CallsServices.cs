using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls;

public static class CallsServices
{
    /// <summary>What the services share about a call: Twilio's settings, the connection to Redis, the records, the stream tokens.</summary>
    /// <remarks>Both services ask for it; where they run in one process, the second time does nothing.</remarks>
    public static IHostApplicationBuilder AddCallState(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(StreamTokens)))
        {
            return builder;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<TokenMetrics>();
        builder.Services.AddSingleton<CallRecords>();
        builder.Services.AddSingleton<CallLeases>();
        builder.Services.AddSingleton<Conversations>();
        builder.Services.AddSingleton<CallContinuations>();
        builder.Services.AddSingleton<RecordMetrics>();
        builder.Services.AddSingleton<CallEnds>();
        builder.Services.AddHostedService(services => new BeforeStop<CallEnds>(services, static (ends, cancellationToken) => ends.CompleteAsync(cancellationToken)));
        builder.Services.AddHostedService<EndsOfForgottenCalls>();
        builder.Services.AddSingleton<CallBudgets>();
        builder.Services.AddOptionsWithValidateOnStart<BudgetOptions, BudgetOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<StreamTokens>();
        builder.Services.AddOptionsWithValidateOnStart<TwilioOptions, TwilioOptionsValidator>().BindConfiguration("");
        builder.Services.AddSingleton<IValidateOptions<TwilioOptions>, TwilioProductionValidator>();
        builder.AddRedis();

        return builder;
    }

    private sealed class EndsOfForgottenCalls(IServiceProvider services, TimeProvider time) : BackgroundService
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(Interval, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await services.GetRequiredService<CallEnds>().EndForgottenAsync();
            }
        }
    }
}
