using System.Diagnostics;
using System.Net;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests;

/// <summary>Both services on one Redis: how a call shows in logs, traces and metrics.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Call_IsOneTrace_OfBothServices()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var webhook = await WebhookHost.StartAsync(bridge.RedisConnectionString);
        using var telemetry = new TelemetryRecorder(bridge.Meters, webhook.Meters);

        var token = await AnswerAsync(webhook);
        var answered = await telemetry.RequestAsync();
        await ConverseAsync(model, bridge, token);

        var call = await telemetry.CallAsync();
        Assert.Equal((answered.TraceId, answered.SpanId), (call.TraceId, call.ParentSpanId));
        Assert.True(call.HasRemoteParent);
        Assert.Equal(FakeTwilioStream.CallSid, answered.GetTagItem("voice.call.sid"));
        Assert.Equal(["minted", "consumed"], telemetry.AllMeasured.Where(measured => measured.Instrument.Name == "va.token").Select(measured => measured["result"]));
        // Each call would be a time series of its own.
        Assert.DoesNotContain(telemetry.AllMeasured.SelectMany(measured => measured.Tags), tag => $"{tag.Value}".Contains(FakeTwilioStream.CallSid, StringComparison.Ordinal));
        // Spans of Redis come when it is given up, at the latest.
        await webhook.DisposeAsync();
        Assert.Contains(telemetry.All("EVAL"), asked => asked.ParentSpanId == answered.SpanId);
        Assert.Contains(webhook.Log.All, line => line.Text.Contains("[Answered]", StringComparison.Ordinal) && line.Scopes.Contains("Call " + FakeTwilioStream.CallSid));
    }

    /// <returns>The token that the TwiML gives to the stream.</returns>
    private static async Task<string> AnswerAsync(WebhookHost webhook)
    {
        using var answer = await webhook.SendAsync(TwilioRequest.IncomingCall);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return TestTwiml.Token(await answer.Content.ReadAsStringAsync(TestTimeout.Token));
    }

    private static async Task ConverseAsync(FakeRealtimeServer model, BridgeHost bridge, string token)
    {
        // Twilio knows nothing of traces.
        using (new Activity("twilio").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()).Start())
        {
            await using var caller = await FakeTwilioStream.ConnectAsync(bridge.Url);
            await caller.StartAsync(token);
            var session = await model.AcceptConfiguredAsync();
            await session.StartResponseAsync("resp_1");
            await session.SendDeltaAsync("resp_1", "item_1", [1, 2, 3]);
            await caller.ReceiveAudioAsync();
            await caller.CloseAsync();
        }
    }
}
