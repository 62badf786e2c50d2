using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Calls;

internal sealed partial class TwilioOptionsValidator : IValidateOptions<TwilioOptions>
{
    public ValidateOptionsResult Validate(string? name, TwilioOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        if (options.AuthTokens.Count == 0)
        {
            faults.AddError(
                $"{TwilioOptions.AuthTokenName} is missing; expected the auth token from the Twilio console (a comma-separated list during a rotation).");
        }

        if (options.AccountSid is not "" && !AccountSid().IsMatch(options.AccountSid))
        {
            faults.AddError(
                $"{TwilioOptions.AccountSidName} is '{options.AccountSid}'; expected AC and 32 hexadecimal digits, or nothing to take any account.");
        }

        if (PublicUrlFault(options.PublicUrl) is { } fault)
        {
            faults.AddError($"{TwilioOptions.PublicUrlName} {fault}; expected https://host, as Twilio calls it, without a path.");
        }

        return faults.Build();
    }

    private static string? PublicUrlFault(string url)
    {
        if (url is "")
        {
            return "is missing";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            return $"is '{url}', which is no web address";
        }

        if (uri.UserInfo is not "")
        {
            return "holds a user name or password";
        }

        if (uri.PathAndQuery is not "/" || uri.Fragment is not "")
        {
            return $"is '{url}', which has a path, a query or a fragment";
        }

        return uri is { Scheme: "http", IsLoopback: false } ? $"is '{url}', which is not encrypted (http is for localhost only)" : null;
    }

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSid();
}
