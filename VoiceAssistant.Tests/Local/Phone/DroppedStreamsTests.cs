using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>What lies between Twilio and the bridge (a tunnel, an ingress) breaks all streams that lead through it, or one that it finds too long.</summary>
public sealed class DroppedStreamsTests : IAsyncLifetime
{
    private const int Calls = 6;

    private readonly EmbeddedRedis _redis = new();
    private readonly HttpClient _http = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;
    private WebhookHost _webhook = null!;
    private TwilioRest _twilio = null!;
    private ChaosProxy _way = null!;
    private int _refusals;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _twilio = await TwilioRest.StartAsync(TestTimeout.Token);
        _bridge = await BridgeHost.StartAsync(_model.Url, new PatientClock(), [new("ConnectionStrings:redis", _redis.ConnectionString)]);
        // Patient with Redis; a call that Twilio does not ask about waits for 1.5 s.
        _webhook = await WebhookHost.StartAsync(_redis.ConnectionString, new PatientClock(longest: TimeSpan.FromSeconds(1)), ("TWILIO_API_URL", _twilio.Url));
        var bridge = IPEndPoint.Parse(_bridge.Client.BaseAddress!.Authority);
        _way = new ChaosProxy(() => Interlocked.Decrement(ref _refusals) >= 0 ? null : bridge, TimeProvider.System, new Random(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _way.DisposeAsync();
        await _webhook.DisposeAsync();
        await _bridge.DisposeAsync();
        await _twilio.DisposeAsync();
        await _model.DisposeAsync();
        _http.Dispose();
        _redis.Dispose();
    }

    // As cloudflared does when it restarts: for a moment there is nobody to connect to.
    [Fact]
    [Trait("Proves", "R17")]
    public async Task AllCalls_GoOn_WhenTheTunnelIsBack()
    {
        const int refused = 2;
        var calls = new List<Call>();
        for (var number = 0; number < Calls; number++)
        {
            calls.Add(await CallAsync(number));
        }

        Volatile.Write(ref _refusals, refused);
        _way.Reset();

        var said = new List<string>();
        for (var number = 0; number < Calls; number++)
        {
            said.Add(await NextAsync());
        }

        Assert.Equal(calls.Select(call => call.Said), said.Order());
        Assert.Equal(Calls, _way.Connections);
        Assert.Equal(Calls + refused, (await Task.WhenAll(calls.Select(HangUpAsync))).Sum());
    }

    [Fact]
    [Trait("Proves", "R19")]
    public async Task Call_GoesOn_WhenAProxyCutsItsLongStream()
    {
        _way.CutAfter = 100_000;
        var call = await CallAsync(0);
        _way.CutAfter = null;

        await call.Model.StartResponseAsync("resp_2");
        while (!call.Model.Ended.IsCompleted)
        {
            await call.Model.SayAsync("2", "More and more.", new byte[8000]);
        }

        Assert.Equal(call.Said, await NextAsync());
        Assert.Equal(1, await HangUpAsync(call));
    }

    /// <returns>A call that has been greeted, each by its number.</returns>
    private async Task<Call> CallAsync(int number)
    {
        var phone = new PhoneCall(
            new PhoneLine(WebhookHost.PublicUrl + "/incoming-call", WebhookHost.AuthToken, FakeTwilioStream.AccountSid, CallForm.From, CallForm.To)
            {
                Shortcut = new(new(WebhookHost.PublicUrl), _webhook.Client.BaseAddress!, new($"http://{_way.EndPoint}")),
                // Both ways that Twilio may take.
                AsksAfterLoss = number % 2 == 0,
            },
            new FakeCaller(), _http, TimeProvider.System);
        _twilio.Add(phone);
        var running = phone.RunAsync(TestTimeout.Token);
        var model = await _model.AcceptConfiguredAsync();
        var call = new Call(phone, running, model, $"Hello, {number}.");
        await model.StartResponseAsync("resp_1");
        await model.SayAsync("1", call.Said, new byte[160]);
        await model.TranscriptDoneAsync("1", call.Said);
        await model.EndResponseAsync("resp_1");
        for (var end = TestTimeout.Token; !((string?)await _bridge.Redis.StringGetAsync($"va:said:{phone.CallSid}") ?? "").Contains(call.Said, StringComparison.Ordinal);)
        {
            await Task.Delay(10, end);
        }

        return call;
    }

    /// <returns>What a session that goes on with a call is told first.</returns>
    private async Task<string> NextAsync() =>
        (string)(await (await _model.AcceptNextAsync()).ReceiveAsync("conversation.item.create"))["item"]!["content"]![0]!["text"]!;

    /// <returns>How often the call was given another stream, by the one record that says how it ended.</returns>
    private async Task<int> HangUpAsync(Call call)
    {
        call.Phone.HangUp();
        Assert.Equal(CallEndKind.HungUp, (await call.Running).Kind);
        var over = $"[CallEnded] Call {call.Phone.CallSid} is over ";
        for (var end = TestTimeout.Token; Records(over) is []; await Task.Delay(10, end))
        {
        }

        var record = Assert.Single(Records(over));
        Assert.Contains("(caller_left)", record, StringComparison.Ordinal);
        return int.Parse(record.Split(" resumes")[0].Split(' ')[^1]);
    }

    private List<string> Records(string over) => [.. _bridge.Log.Lines.Concat(_webhook.Log.Lines).Where(line => line.Contains(over, StringComparison.Ordinal))];

    /// <param name="Phone">The caller's side.</param>
    /// <param name="Running">Until it ends.</param>
    /// <param name="Model">Its first session.</param>
    /// <param name="Said">What the caller heard there.</param>
    private sealed record Call(PhoneCall Phone, Task<CallEnd> Running, FakeRealtimeSession Model, string Said);
}
