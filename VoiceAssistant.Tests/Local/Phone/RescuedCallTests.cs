using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>A call whose stream breaks on its way, placed by the phone, in both ways in which Twilio may take it.</summary>
public sealed class RescuedCallTests
{
    [Theory, Trait("Proves", "R13"), Trait("Proves", "R28")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Conversation_GoesOn_WhetherTwilioAsks_OrOnlyTellsThatTheStreamBroke(bool asks)
    {
        using var redis = new EmbeddedRedis();
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var twilio = await FakeTwilioApi.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url, new PatientClock(), [new("ConnectionStrings:redis", redis.ConnectionString)]);
        await using var webhook = await WebhookHost.StartImpatientAsync(redis.ConnectionString, ("TWILIO_API_URL", twilio.Url));
        await using var way = new ChaosProxy(IPEndPoint.Parse(bridge.Client.BaseAddress!.Authority), TimeProvider.System, new Random(1));
        using var http = new HttpClient();
        var call = new PhoneCall(
            new PhoneLine(WebhookHost.PublicUrl + "/incoming-call", WebhookHost.AuthToken, FakeTwilioStream.AccountSid, CallForm.From, CallForm.To)
            {
                Shortcut = new(new(WebhookHost.PublicUrl), webhook.Client.BaseAddress!, new($"http://{way.EndPoint}")),
                AsksAfterLoss = asks,
            },
            new FakeCaller(), http, TimeProvider.System);
        twilio.Redirect = call.TryRedirect;
        var running = call.RunAsync(TestTimeout.Token);
        var before = await model.AcceptConfiguredAsync();
        await before.StartResponseAsync("resp_1");
        await before.SayAsync("1", "Hello there.", new byte[160]);
        await before.TranscriptDoneAsync("1", "Hello there.");
        await before.EndResponseAsync("resp_1");
        await SaidAsync(bridge, call.CallSid);

        way.Reset();

        var next = await model.AcceptNextAsync();
        Assert.Equal("Hello there.", (string?)(await next.ReceiveAsync("conversation.item.create"))["item"]!["content"]![0]!["text"]);
        Assert.Equal(asks ? 0 : 1, twilio.Requests.Count);

        call.HangUp();
        Assert.Equal(CallEndKind.HungUp, (await running).Kind);
        await bridge.Log.WaitForAsync("[Ended]");
        var record = Assert.Single(bridge.Log.Lines.Concat(webhook.Log.Lines), line => line.Contains("[CallEnded]", StringComparison.Ordinal));
        Assert.Contains("is over (caller_left)", record, StringComparison.Ordinal);
        Assert.Contains(" 1 resumes,", record, StringComparison.Ordinal);
    }

    private static async Task SaidAsync(BridgeHost bridge, string callSid)
    {
        for (var end = TestTimeout.Token; !((string?)await bridge.Redis.StringGetAsync($"va:said:{callSid}") ?? "").Contains("Hello there.", StringComparison.Ordinal);)
        {
            await Task.Delay(10, end);
        }
    }
}
