using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>How Twilio is asked about a call that it does not ask us about.</summary>
internal sealed record TwilioApiOptions
{
    public const string UrlName = "TWILIO_API_URL";
    public const string KeySidName = "TWILIO_API_KEY_SID";
    public const string KeySecretName = "TWILIO_API_KEY_SECRET";

    public const string DefaultUrl = "https://api.twilio.com";

    /// <summary>Empty: Twilio's own, where Twilio can reach us.</summary>
    [ConfigurationKeyName(UrlName)]
    public string Url { get; init => field = value.TrimEnd('/'); } = "";

    /// <summary>A restricted key instead of the auth token; empty: the auth token.</summary>
    [ConfigurationKeyName(KeySidName)]
    public string KeySid { get; init; } = "";

    [ConfigurationKeyName(KeySecretName)]
    public string KeySecret { get; init; } = "";

    // A record prints its members, and one of these is a secret.
    public override string ToString() => nameof(TwilioApiOptions);
}

internal sealed partial class TwilioApiOptionsValidator : IValidateOptions<TwilioApiOptions>
{
    public ValidateOptionsResult Validate(string? name, TwilioApiOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        if (options.Url is not "" && !IsApiUrl(options.Url))
        {
            faults.AddError(options.Url.Contains('@', StringComparison.Ordinal)
                ? $"{TwilioApiOptions.UrlName} holds a user name or password; expected https://host."
                : $"{TwilioApiOptions.UrlName} is '{options.Url}'; expected https://host (http on this machine only), or nothing for {TwilioApiOptions.DefaultUrl}.");
        }

        if (options.KeySid is not "" && !KeySidForm().IsMatch(options.KeySid))
        {
            // The secret stands beside it in the console, so the value is not shown.
            faults.AddError($"{TwilioApiOptions.KeySidName} is no API key's SID; expected SK and 32 hexadecimal digits, or nothing to use the auth token.");
        }

        if (options.KeySid is "" != options.KeySecret is "")
        {
            var missing = options.KeySid is "" ? TwilioApiOptions.KeySidName : TwilioApiOptions.KeySecretName;
            faults.AddError($"{missing} is missing; expected both {TwilioApiOptions.KeySidName} and {TwilioApiOptions.KeySecretName}, or neither.");
        }

        return faults.Build();
    }

    private static bool IsApiUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme is "https" || (uri.Scheme is "http" && uri.IsLoopback))
        && uri is { UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" };

    [GeneratedRegex(@"^SK[0-9a-f]{32}\z")]
    private static partial Regex KeySidForm();
}
