using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>A sentence in the console and in the dashboard.</summary>
/// <param name="title">What is the matter, in some words.</param>
/// <param name="text">What follows from it, and what to do.</param>
internal sealed partial class Notice(string title, string text)
{
    public bool IsError { get; init; }

    public string? LinkText { get; init; }

    public string? LinkUrl { get; init; }

    public void TellAtStart(IDistributedApplicationBuilder builder) => builder.Eventing.Subscribe<BeforeStartEvent>((starting, _) =>
    {
        Tell(starting.Services);
        return Task.CompletedTask;
    });

    public void Tell(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<Notice>();
        LogNotice(logger, IsError ? LogLevel.Error : LogLevel.Information, text);
#pragma warning disable ASPIREINTERACTION001 // Experimental, and the dashboard's only way to say something that is no resource's.
        if (services.GetRequiredService<IInteractionService>() is { IsAvailable: true } dashboard)
        {
            // Stays until somebody closes it, so nobody waits for it.
            _ = dashboard.PromptNotificationAsync(
                title,
                text,
                new NotificationInteractionOptions { Intent = IsError ? MessageIntent.Error : MessageIntent.Information, LinkText = LinkText, LinkUrl = LinkUrl },
                services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        }
#pragma warning restore ASPIREINTERACTION001
    }

    [LoggerMessage(EventId = 1, Message = "{Text}", EventName = "Notice")]
    private static partial void LogNotice(ILogger logger, LogLevel level, string text);
}
