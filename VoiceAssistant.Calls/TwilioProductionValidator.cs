using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Calls;

/// <summary>Refuses what is good enough for a developer only.</summary>
internal sealed class TwilioProductionValidator(IHostEnvironment environment) : IValidateOptions<TwilioOptions>
{
    private const string QuickTunnels = ".trycloudflare.com";

    // The empty name is that of ASPNETCORE_ENVIRONMENT with nothing behind it: nobody has asked for less.
    private bool IsProduction => environment.IsProduction() || environment.EnvironmentName is "";

    public ValidateOptionsResult Validate(string? name, TwilioOptions options)
    {
        // The stream's URL derives from one that is at least a web address; what is none is another validator's to refuse.
        if (!IsProduction || !Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            return ValidateOptionsResult.Success;
        }

        var faults = new ValidateOptionsResultBuilder();
        if (LeadsToQuickTunnel(options.PublicUrl))
        {
            faults.AddError(QuickTunnel(TwilioOptions.PublicUrlName, options.PublicUrl));
        }

        if (LeadsToQuickTunnel(options.BridgeStreamUrl))
        {
            faults.AddError(QuickTunnel(TwilioOptions.StreamUrlName, options.BridgeStreamUrl));
        }

        // On another machine, http is refused everywhere.
        if (uri is { Scheme: "http", IsLoopback: true })
        {
            faults.AddError(
                $"{TwilioOptions.PublicUrlName} is '{options.PublicUrl}', where Twilio cannot reach anybody; "
                + "expected https://host in the environment Production (ASPNETCORE_ENVIRONMENT=Development takes it).");
        }

        return faults.Build();
    }

    private static string QuickTunnel(string setting, string url) =>
        $"{setting} leads to '{url}', a quick tunnel, whose name is another's after the next start; expected a host of your own in the environment Production.";

    private static bool LeadsToQuickTunnel(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.TrimEnd('.').EndsWith(QuickTunnels, StringComparison.OrdinalIgnoreCase);
}
