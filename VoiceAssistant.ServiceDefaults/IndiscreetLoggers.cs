using Microsoft.Extensions.Logging;

namespace VoiceAssistant;

/// <summary>Loggers of ASP.NET Core that write what came with a request as it came. No setting lets them: a call's secrets may stand there.</summary>
internal static class IndiscreetLoggers
{
    public static void Silence(LoggerFilterOptions options)
    {
        // What counts where there is no rule.
        options.Rules.Insert(0, new LoggerFilterRule(providerName: null, categoryName: null, options.MinLevel, filter: null));
        for (var index = 0; index < options.Rules.Count; index++)
        {
            // Within each rule, as another one would only win over those that are less exact.
            var rule = options.Rules[index];
            options.Rules[index] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                (level >= LogLevel.Warning || !IsIndiscreet(category)) && rule.Filter?.Invoke(provider, category, level) is not false);
        }
    }

    private static bool IsIndiscreet(string? category) => category is
        // Queries: where a number's webhook is set to GET, Twilio puts the caller's number there.
        "Microsoft.AspNetCore.Hosting.Diagnostics"
        // Lines that are no header or no request, which may hold a signature.
        or "Microsoft.AspNetCore.Server.Kestrel.BadRequests";
}
