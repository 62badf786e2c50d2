using Aspire.Hosting;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The whole system, started as a developer starts it.</summary>
public sealed class CallTests
{
    // An image may have to be fetched, and the call itself takes some 15 s.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Call_IsAnswered_ThroughEveryService()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);

        // The phone goes round the tunnel, so none is needed.
        await using var builder = await Model.RunAsync(("PUBLIC_URL", "https://voice.example"));
        await using var app = await builder.BuildAsync(timeout.Token);
        try
        {
            await app.StartAsync(timeout.Token);
        }
        catch (DistributedApplicationException exception) when (exception.Message.Contains("ontainer runtime", StringComparison.Ordinal))
        {
            Assert.Skip($"Redis runs in a container here. {exception.Message}");
        }

        await app.ResourceNotifications.WaitForResourceHealthyAsync("phone", timeout.Token);
        var result = await app.ResourceCommands.ExecuteCommandAsync("phone", "test-call", timeout.Token);

        Assert.True(result.Success, $"{result.Message} {result.Data?.Value}");
        Assert.Contains("end of speech to answer", result.Data!.Value, StringComparison.Ordinal);
    }
}
