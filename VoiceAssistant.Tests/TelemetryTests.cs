using System.Diagnostics;
using System.Net;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests;

/// <summary>Both services on one Redis: what a call leaves behind in logs, traces and metrics, and what it must not.</summary>
public sealed class TelemetryTests
{
    private const string Said = "Loud and clear, my dear caller";

    // ServiceDefaults would leave out the lines of ASP.NET Core.
    private const string EverythingName = "Logging:LogLevel:Microsoft.AspNetCore";
    private const string Everything = "Trace";

    // A frame as it stands in both sides' messages.
    private static readonly byte[] Frame = [.. Enumerable.Range(0, 160).Select(sample => (byte)(sample * 7))];

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
        Assert.Contains(webhook.Log.All, line => line.Text.Contains("[Answered]", StringComparison.Ordinal) && line.Scopes.Contains("Call " + FakeTwilioStream.CallSid));
    }

    [Fact]
    [Trait("Proves", "T-T3")]
    public async Task Call_LeavesNoSecretNumberOrWordBehind_AtTrace()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url, settings: [new(EverythingName, Everything)]);
        await using var webhook = await WebhookHost.StartAsync(bridge.RedisConnectionString, (EverythingName, Everything));
        using var telemetry = new TelemetryRecorder(bridge.Meters, webhook.Meters);

        var token = await AnswerAsync(webhook);
        await ConverseAsync(model, bridge, token);
        await telemetry.CallAsync();
        await using (var replay = await FakeTwilioStream.ConnectAsync(bridge.Url))
        {
            await replay.StartAsync(token);
            await replay.ReceiveCloseAsync();
        }

        (string Name, string Value)[] secrets =
        [
            ("token", token),
            ("caller", CallForm.From),
            ("caller's digits", CallForm.From[1..]),
            ("callee", CallForm.To),
            ("signature", TwilioRequest.IncomingCall.Signature),
            ("auth token", $"\"{WebhookHost.AuthToken}\""),
            ("API key", "test-key"),
            ("audio", Convert.ToBase64String(Frame)),
            ("transcript", Said),
        ];

        var left = Left(telemetry, bridge.Log, webhook.Log).ToList();
        Assert.Contains(left, text => text.Contains(FakeTwilioStream.CallSid, StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(left, text => text.Contains(secret.Value, StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(telemetry.AllMeasured.SelectMany(measured => measured.Tags), tag => $"{tag.Value}".Contains(FakeTwilioStream.CallSid, StringComparison.Ordinal));
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
            await caller.SendMediaAsync(20, Frame);
            await session.ReceiveAsync("input_audio_buffer.append");
            await session.StartResponseAsync("resp_1");
            await session.SendDeltaAsync("resp_1", "item_1", Frame);
            await caller.ReceiveAudioAsync();
            await session.SendAsync($$"""{"type":"response.output_audio_transcript.done","event_id":"e","response_id":"resp_1","item_id":"item_1","transcript":"{{Said}}"}""");
            await session.SendAsync($$$"""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"odd","message":"{{{Said}}}"}}""");
            await session.SpeechStartedAsync();
            await caller.ReceiveAsync();
            await session.EndResponseAsync("resp_1", "failed", $$$"""{"type":"failed","error":{"type":"server_error","message":"{{{Said}}}"}}""");
            await caller.ReceiveAudioAsync();
            await session.SendErrorAsync("insufficient_quota");
            var (_, mark) = await caller.ReceiveAudioAsync();
            await caller.ReturnMarkAsync(mark);
            await caller.ReceiveCloseAsync();
            await caller.CloseAsync();
        }
    }

    private static IEnumerable<string> Left(TelemetryRecorder telemetry, params LogRecorder[] logs) =>
    [
        .. logs.SelectMany(log => log.All).SelectMany(line => line.Scopes.Append(line.Text)),
        .. telemetry.Spans.SelectMany(span => new[] { span.DisplayName, span.StatusDescription ?? "" }
            .Concat(span.TagObjects.Concat(span.Events.SelectMany(happened => happened.Tags)).Select(tag => $"{tag.Key}={Text(tag.Value)}"))),
        .. telemetry.AllMeasured.SelectMany(measured => measured.Tags).Select(tag => $"{tag.Key}={Text(tag.Value)}"),
    ];

    private static string Text(object? value) => value is string[] texts ? string.Join(' ', texts) : $"{value}";
}
