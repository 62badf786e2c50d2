using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>How many requests are looked at in a second, before a byte of their bodies is read.</summary>
/// <remarks>
/// Not by client address: behind a proxy there is one, and Twilio has many. But what carries no signature is refused without any work, so it must
/// not use up what is there for Twilio: only who forges signatures can crowd out calls, and those hear the Function's apology.
/// </remarks>
internal static class RequestRate
{
    public const string Policy = "twilio";

    // Some fifty calls a second beginning; bursts are what a line sees when it is named on the radio.
    private static readonly TokenBucketRateLimiterOptions Limit = new()
    {
        TokenLimit = 100,
        TokensPerPeriod = 5,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
    };

    public static void AddRequestRate(this IHostApplicationBuilder builder) => builder.Services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.AddPolicy(Policy, context =>
            // On this machine a hundred calls at once are a measurement.
            context.RequestServices.GetRequiredService<IOptions<TwilioOptions>>().Value.IsLocal
                ? RateLimitPartition.GetNoLimiter(false)
                : RateLimitPartition.GetTokenBucketLimiter(TwilioSignature.IsWellFormed(context.Request.Headers[TwilioSignature.HeaderName]), _ => Limit));
    });
}
