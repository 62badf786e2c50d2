using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

internal static class MisspeltSettings
{
    /// <summary>Says it here, once, and not in the log of each service, which reads the same file.</summary>
    public static void TellAtStart(this UnknownNames unknown, IDistributedApplicationBuilder builder) => builder.Eventing.Subscribe<BeforeStartEvent>((starting, _) =>
    {
        unknown.LogTo(starting.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MisspeltSettings)));
        return Task.CompletedTask;
    });
}
