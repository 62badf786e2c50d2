namespace VoiceAssistant.Tests.Fakes;

/// <summary>A call at a bridge in a process of its own.</summary>
internal sealed record BridgeCall(FakeTwilioStream Stream, FakeRealtimeSession Model) : IAsyncDisposable
{
    /// <summary>Places one. It is placed again where Redis has not answered the bridge in time, as happens on a busy machine.</summary>
    public static async Task<BridgeCall> PlaceAsync(WebhookHost webhook, RunningService bridge, FakeRealtimeServer model)
    {
        for (var accepting = model.AcceptConfiguredAsync(); ;)
        {
            var request = TwilioRequest.NewCall();
            using var response = await webhook.SendAsync(request);
            var token = TestTwiml.Token(await response.Content.ReadAsStringAsync(TestTimeout.Token));
            var stream = await FakeTwilioStream.ConnectAsync(bridge.StreamUrl);
            await stream.StartAsync(token, WatchedSystem.CallSid(request));
            if (!await stream.IsClosedBeforeAsync(accepting))
            {
                return new BridgeCall(stream, await accepting);
            }

            await stream.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
