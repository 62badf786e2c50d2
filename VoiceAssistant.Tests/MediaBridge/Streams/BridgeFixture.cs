using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>One bridge and one model for all tests of a class; nobody is refused for being slow, as the clock stands still.</summary>
public sealed class BridgeFixture : IAsyncLifetime
{
    internal FakeTimeProvider Time { get; } = new();

    internal FakeRealtimeServer Model { get; private set; } = null!;

    internal BridgeHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Model = await FakeRealtimeServer.StartAsync();
        Host = await BridgeHost.StartAsync(Model.Url, Time);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Model.DisposeAsync();
    }
}
