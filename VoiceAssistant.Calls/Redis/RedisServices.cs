using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

internal static class RedisServices
{
    public static void AddRedis(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<RedisOptions, RedisOptionsValidator>().BindConfiguration(RedisOptions.Section);
        builder.Services.TryAddSingleton<IConnectionMultiplexer>(services =>
            ConnectionMultiplexer.Connect(services.GetRequiredService<IOptions<RedisOptions>>().Value.Parse()));
        builder.Services.AddHostedService<RedisConnection>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
    }
}
