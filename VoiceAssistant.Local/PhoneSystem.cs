using System.Globalization;
using VoiceAssistant.Calls;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Local;

/// <summary>The phone alone, for a webhook and a bridge that run in processes of their own on this machine.</summary>
internal static class PhoneSystem
{
    private static long _lastCaller = 15550100000;

    /// <param name="webhook">Where the webhook listens.</param>
    /// <param name="bridge">Where the bridge listens.</param>
    /// <param name="isOffline">Whether the offline assistant answers, for the page to say so.</param>
    /// <param name="settings">Win over the environment and over .env.</param>
    /// <exception cref="InvalidDataException">PUBLIC_URL is no address.</exception>
    public static WebApplication Create(Uri webhook, Uri bridge, bool isOffline, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = LocalSystem.EnvironmentName() });
        var unknown = builder.Configuration.AddDotEnv();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls($"http://localhost:{builder.Configuration.Get<LocalOptions>()?.Number ?? LocalOptions.DefaultPort}");
        }

        var line = LineTo(webhook, bridge, builder.Configuration);
        var allowed = builder.Configuration.Get<IncomingCallOptions>()?.AllowedNumbers is [var first, ..] ? first : null;
        builder.AddServiceDefaults();
        builder.AddPhone();
        if (builder.Configuration[PhoneKey.Name] is { Length: > 0 } key)
        {
            builder.Services.AddSingleton(new PhoneKey(key));
        }

        builder.Services.AddTransient(_ => line with { From = allowed ?? NextCaller() });
        builder.Services.AddSingleton(PhoneInfo.Describe(isOffline, builder.Configuration.Get<RealtimeOptions>() ?? new(), line));

        var app = builder.Build();
        unknown.LogTo(app.Logger);
        app.MapDefaultEndpoints();
        app.MapPhone();

        return app;
    }

    // Another for each call: a number may call a few times an hour only, and who tries things out calls more often.
    private static string NextCaller() => string.Create(CultureInfo.InvariantCulture, $"+{Interlocked.Increment(ref _lastCaller)}");

    private static PhoneLine LineTo(Uri webhook, Uri bridge, ConfigurationManager settings)
    {
        // Without a public address, the webhook's own is what it signs for.
        var given = settings[TwilioOptions.PublicUrlName]?.TrimEnd('/');
        var publicUrl = string.IsNullOrWhiteSpace(given) ? webhook.GetLeftPart(UriPartial.Authority) : given;
        if (!Uri.TryCreate(publicUrl, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new InvalidDataException($"{TwilioOptions.PublicUrlName} is '{publicUrl}'; expected https://host, the same as the webhook's.");
        }

        return PhoneLine.At(publicUrl + CallEndpoints.IncomingCall, settings) with
        {
            To = "+15550100002",
            Shortcut = new(uri, webhook, bridge),
        };
    }
}
