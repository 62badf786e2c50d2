using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A model that speaks another version of the protocol: what it sends is no sign of life.</summary>
[Trait("Proves", "R32")]
public sealed class UnknownEventsTests : IAsyncLifetime
{
    private static readonly string[] Events =
    [
        """{"type":"response.audio.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","delta":"fn8A"}""",
        """{"type":"response.audio_transcript.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","delta":"Violets"}""",
        """{"type":"Violets are blue.","event_id":"e"}""",
    ];

    private readonly FakeTimeProvider _time = new();
    private FakeRealtimeServer _server = null!;
    private BridgeHost _bridge = null!;
    private FakeTwilioStream _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_server.Url, _time);
        _caller = await _bridge.CallAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _bridge.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Model_IsReplaced_ThatIsToAnswer_AndSendsNothingElse()
    {
        var model = await _server.AcceptConfiguredAsync();
        await model.HearAsync("user_1", "Hello?");

        await SendUntilAsync("[SessionLost]", model);

        Assert.Contains("it fell silent while it was to answer; events came of types that are unknown here", Line("[SessionLost]"), StringComparison.Ordinal);
        Assert.Contains("(response.audio.delta, response.audio_transcript.delta, _OTHER)", Line("[SessionLost]"), StringComparison.Ordinal);
        Assert.Contains("response", await (await _server.AcceptNextAsync()).ReceiveStoryAsync(_caller));
    }

    [Fact]
    public async Task LineSaysWhatCame_WhereTheSettingsAreNotTaken()
    {
        await SendUntilAsync("[ModelLost]");

        Assert.Contains("it does not take the session's settings; events came of types that are unknown here", Line("[ModelLost]"), StringComparison.Ordinal);
        Assert.Contains("(response.audio.delta, response.audio_transcript.delta, _OTHER)", Line("[ModelLost]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LineSaysWhatCame_WhereAResponseEndsWithoutSound()
    {
        var model = await _server.AcceptConfiguredAsync();
        await model.StartResponseAsync("resp_1");
        foreach (var message in Events)
        {
            await model.SendAsync(message);
        }

        await model.EndResponseAsync("resp_1");

        await _bridge.Log.WaitForAsync("[ResponseSilent]");
        Assert.Contains("response.audio.delta", Line("[ResponseSilent]"), StringComparison.Ordinal);
        Assert.DoesNotContain("Violets", Line("[ResponseSilent]"), StringComparison.Ordinal);
    }

    private async Task SendUntilAsync(string line, FakeRealtimeSession? model = null)
    {
        var end = TestTimeout.Token;
        for (var passed = 0; !_bridge.Log.Lines.Any(written => written.Contains(line, StringComparison.Ordinal)); passed += 100)
        {
            if (model is null || !_server.HasNoSession)
            {
                model = await _server.AcceptAsync();
            }

            foreach (var message in Events)
            {
                await model.SendAsync(message);
            }

            await _caller.TrySendMediaAsync(passed, [0x7F]);
            await _bridge.HeardAsync();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(10, end);
        }
    }

    private string Line(string @event) => _bridge.Log.Lines.First(line => line.Contains(@event, StringComparison.Ordinal));
}
