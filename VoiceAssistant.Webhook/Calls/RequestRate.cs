using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>How many requests are looked at in a second, before a byte of their bodies is read.</summary>
/// <remarks>
/// One limit for everybody would be a switch with which anybody turns the line off. What carries no signature is refused without work, so it may not
/// use up what is there for Twilio; and who forges signatures uses up their own share only, wherever we are told who asks. Where we are not, Twilio
/// and the forgers share a limit so high that it only keeps the processor free: a signature is checked in microseconds.
/// </remarks>
internal static class RequestRate
{
    public const string Policy = "twilio";

    private static readonly Refusal TooMany = new(StatusCodes.Status429TooManyRequests, "Too many requests came within a second.");

    // Fifty a second, all of Twilio's calls through one proxy included; and a burst of callers after the number was named on the radio.
    private static readonly TokenBucketRateLimiterOptions Limit = new()
    {
        TokenLimit = 100,
        TokensPerPeriod = 5,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
    };

    // A thousand a second.
    private static readonly TokenBucketRateLimiterOptions SharedLimit = new()
    {
        TokenLimit = 2000,
        TokensPerPeriod = 100,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
    };

    public static void AddRequestRate(this IHostApplicationBuilder builder) => builder.Services.AddRateLimiter(limiter =>
    {
        limiter.OnRejected = static (rejected, _) => new(TooMany.ExecuteAsync(rejected.HttpContext));
        limiter.AddPolicy(Policy, context =>
        {
            var asker = new Asker(
                TwilioSignature.IsWellFormed(context.Request.Headers[TwilioSignature.HeaderName]), ClientAddress.Of(context.Connection));

            // On this machine a hundred calls at once are a measurement.
            return context.RequestServices.GetRequiredService<IOptions<TwilioOptions>>().Value.IsLocal
                ? RateLimitPartition.GetNoLimiter(asker)
                : RateLimitPartition.GetTokenBucketLimiter(asker, static asker => asker is { IsSigned: true, Client: null } ? SharedLimit : Limit);
        });
    });

    private readonly record struct Asker(bool IsSigned, IPAddress? Client);
}
