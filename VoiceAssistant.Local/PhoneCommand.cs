using System.CommandLine;
using System.Net;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local;

/// <summary>The phone command: what the Aspire AppHost starts beside the two services.</summary>
internal static class PhoneCommand
{
    public static Command Create()
    {
        var webhook = Service("--webhook", "Where VoiceAssistant.Webhook listens on this machine; calls are signed for PUBLIC_URL all the same.");
        var bridge = Service("--bridge", "Where VoiceAssistant.MediaBridge listens on this machine.");
        var offline = NumberOption.CreateOptional(
            "--offline-assistant", "Also runs the offline assistant, on this port; the bridge's REALTIME_URL is to lead there.", 1, IPEndPoint.MaxPort);

        var command = new Command("phone", "Runs the phone alone, for services that run already.") { webhook, bridge, offline };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            arguments.GetRequiredValue(webhook)!, arguments.GetRequiredValue(bridge)!, arguments.GetValue(offline), cancellationToken));
        return command;
    }

    private static Option<Uri?> Service(string name, string description)
    {
        var service = UrlOption.Create(name, description);
        service.Required = true;
        return service;
    }

    private static async Task<int> RunAsync(Uri webhook, Uri bridge, int? assistantPort, CancellationToken cancellationToken)
    {
        await using var assistant = assistantPort is { } port ? OfflineAssistantHost.Create(port) : null;
        if (assistant is not null)
        {
            await assistant.StartAsync(cancellationToken);
        }

        await using var phone = PhoneSystem.Create(webhook, bridge, isOffline: assistant is not null);
        await phone.StartAsync(cancellationToken);
        // Who has given a key has made a link of it; here it would stand in a log.
        var link = phone.Services.GetService<PhoneKey>() is null ? phone.Urls.First() : "the link with the key";
        Console.WriteLine($"Open {link} and press Call.");
        await phone.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
