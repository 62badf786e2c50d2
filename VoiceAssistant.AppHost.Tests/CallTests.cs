namespace VoiceAssistant.AppHost.Tests;

/// <summary>The whole system, started as a developer starts it who has a public address.</summary>
[Collection(nameof(Orchestrator))]
public sealed class CallTests
{
    [Fact]
    public async Task Call_IsAnswered_ThroughEveryService()
    {
        ContainerEngine.Require();
        using var timeout = Orchestrator.Timeout();

        // The phone goes round the tunnel, so none is needed.
        await using var builder = await Model.RunAsync(("PUBLIC_URL", "https://voice.example"));
        await using var app = await builder.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("phone", timeout.Token);

        await app.CallAsync(timeout.Token);
    }
}
