using System.Net;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Local;

/// <summary>The offline assistant on a loopback port of its own, where no tunnel leads.</summary>
internal static class OfflineAssistantHost
{
    /// <param name="port">0 takes a free one.</param>
    public static WebApplication Create(int port)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton(TimeProvider.System);
        // The calls of the same process are to end first.
        builder.Services.AddSingleton<IHostLifetime, StartersLifetime>();

        var app = builder.Build();
        app.MapOfflineAssistant();

        return app;
    }

    /// <summary>What REALTIME_URL is to be for this assistant; it must have been started.</summary>
    public static string RealtimeUrl(this WebApplication assistant) =>
        assistant.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + OfflineAssistantEndpoints.Path;
}
