using VoiceAssistant.Local;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>One webhook and its Redis for a class of tests.</summary>
public sealed class WebhookFixture : IAsyncLifetime
{
    private readonly EmbeddedRedis _server = new();

    internal WebhookHost Webhook { get; private set; } = null!;

    /// <summary>What the webhook has told Redis.</summary>
    internal RecordingProxy Redis { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Redis = new RecordingProxy(_server.ConnectionString);
        Webhook = await WebhookHost.StartAsync(Redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await Webhook.DisposeAsync();
        Redis.Dispose();
        _server.Dispose();
    }
}
