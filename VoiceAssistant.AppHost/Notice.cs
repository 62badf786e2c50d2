using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>A sentence about this start, in the console and in the dashboard.</summary>
/// <param name="title">What is the matter, in some words.</param>
/// <param name="text">What follows from it, and what to do.</param>
internal sealed partial class Notice(string title, string text)
{
    public required string LinkText { get; init; }

    public required string LinkUrl { get; init; }

    public void TellAtStart(IDistributedApplicationBuilder builder) => builder.Eventing.Subscribe<BeforeStartEvent>((starting, _) =>
    {
        Tell(starting.Services);
        return Task.CompletedTask;
    });

    private void Tell(IServiceProvider services)
    {
        LogNotice(services.GetRequiredService<ILoggerFactory>().CreateLogger<Notice>(), text);
#pragma warning disable ASPIREINTERACTION001 // Experimental, and the dashboard's only way to say something that is no resource's.
        if (services.GetRequiredService<IInteractionService>() is { IsAvailable: true } dashboard)
        {
            // Stays until somebody closes it, so nobody waits for it.
            _ = dashboard.PromptNotificationAsync(
                title,
                text,
                new NotificationInteractionOptions { Intent = MessageIntent.Information, LinkText = LinkText, LinkUrl = LinkUrl },
                services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        }
#pragma warning restore ASPIREINTERACTION001
    }

    [LoggerMessage(1, LogLevel.Information, "{Text}", EventName = "Notice")]
    private static partial void LogNotice(ILogger logger, string text);
}
