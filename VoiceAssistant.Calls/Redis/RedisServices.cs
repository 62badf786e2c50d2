using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;

namespace VoiceAssistant.Calls.Redis;

internal static class RedisServices
{
    public static void AddRedis(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<RedisOptions, RedisOptionsValidator>().BindConfiguration(RedisOptions.Section);
        // Its own check wants an answer of every server that is named: after a failover, no service would be ready before the former primary is back.
        builder.AddRedisClient("redis", static client => client.DisableHealthChecks = true, RedisPatience.Limit);
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
        builder.Services.AddHostedService<RedisConnection>();
        builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddProcessor(new RedisSpans()));
    }
}
