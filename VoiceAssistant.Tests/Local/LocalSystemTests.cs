using System.Net;
using System.Text;
using System.Threading.Channels;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local;

/// <summary>What the user gets: the phone's side, the webhook, the bridge and a model, all over the wire.</summary>
public sealed class LocalSystemTests
{
    [Fact]
    public async Task Caller_IsGreetedByTheOfflineAssistant_WithoutAnySetting()
    {
        await using var host = await LocalHost.StartAsync();
        await host.AssertCallerIsGreetedAsync();
        Assert.Equal("the offline assistant", host.Info.Assistant);
    }

    // As the call command's --from.
    [Fact]
    public async Task Caller_NeedBeNoTelephone()
    {
        await using var host = await LocalHost.StartAsync(("ALLOWED_NUMBERS", "client:alice,sip:bob@sip.example"));

        await host.AssertCallerIsGreetedAsync(host.Line with { From = "client:alice" });
        await host.AssertCallerIsGreetedAsync(host.Line with { From = "sip:bob@SIP.example:5071;user=phone", To = "sip:voice@sip.example" });
    }

    [Fact]
    public async Task Audio_PassesBothWaysByteForByte()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var host = await LocalHost.StartAsync(("REALTIME_URL", model.Url), ("GREETING", "Hello."));
        var caller = new NumberingCaller();
        var call = host.Call(caller);
        var running = call.RunAsync(TestTimeout.Token);
        var session = await model.AcceptConfiguredAsync();

        var said = new byte[50 * 160];
        new Random(1).NextBytes(said);
        await session.StartResponseAsync("resp_1");
        await session.SendDeltaAsync("resp_1", "item_1", said);

        for (var number = 0; number < 50;)
        {
            var frame = Convert.FromBase64String((string)(await session.ReceiveAsync("input_audio_buffer.append"))["audio"]!);
            // On a busy machine the phone is late at times, and the bridge fills the pause.
            if (frame.Any(sample => sample != MuLaw.Silence))
            {
                Assert.Equal(NumberingCaller.Frame(number++), frame);
            }
        }

        var heard = new List<byte>();
        while (heard.Count < said.Length)
        {
            var frame = await caller.HearAsync();
            if (heard.Count > 0 || frame.AsSpan().SequenceEqual(said.AsSpan(0, 160)))
            {
                heard.AddRange(frame);
            }
        }

        Assert.Equal(said, heard);
        call.HangUp();
        await running.WaitAsync(TestTimeout.Token);
        Assert.Empty(call.Times.Warnings);
    }

    [Fact]
    public async Task LostModel_IsFollowedByAnApology_AndNothingElseIsSaid()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var host = await LocalHost.StartAsync(("REALTIME_URL", model.Url), ("GREETING", "Hello."));
        var caller = new FakeCaller();
        var running = host.Call(caller).RunAsync(TestTimeout.Token);

        var session = await model.AcceptConfiguredAsync();
        model.Status = (int)HttpStatusCode.Unauthorized;
        session.Abort();

        Assert.Equal(CallEndKind.Completed, (await running.WaitAsync(TestTimeout.Token)).Kind);
        Assert.DoesNotContain(caller.Events(), told => told.Kind is PhoneEventKind.Said);
        var apology = Convert.FromBase64String(Encoding.ASCII.GetString(Clips.SorryGoodbye.Base64.Span));
        Assert.InRange(caller.Heard().AsSpan().IndexOf(apology), 0, int.MaxValue);
    }

    // What is set for the real number must not lock out the phone on this machine.
    [Fact]
    public async Task Phone_CallsFromANumberThatIsAllowed()
    {
        await using var host = await LocalHost.StartAsync(("ALLOWED_NUMBERS", "+14155550100,+14155550101"), ("REQUIRE_FORWARDED_AT", "true"));
        var caller = new FakeCaller();
        var call = host.Call(caller);

        var running = call.RunAsync(TestTimeout.Token);
        await caller.HearAsync();

        Assert.Equal("+14155550100", host.Line.From);
        call.HangUp();
        Assert.Equal(CallEndKind.HungUp, (await running.WaitAsync(TestTimeout.Token)).Kind);
    }

    // In Production, which is what an ASP.NET Core application runs in unless told otherwise, it would be refused.
    [Fact]
    [Trait("Proves", "T-S7")]
    public async Task DevelopersTunnel_IsAccepted()
    {
        await using var host = await LocalHost.StartAsync(("PUBLIC_URL", "https://some-words.trycloudflare.com"));

        Assert.Equal("https://some-words.trycloudflare.com/incoming-call", host.Line.WebhookUrl);
    }

    [Fact]
    public async Task Start_IsRefusedWithEveryFaultAtOnce()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => LocalHost.StartAsync(
            ("PORT", "eighty"), ("PUBLIC_URL", "example.com"), ("TWILIO_ACCOUNT_SID", "AC1"), ("TURN_DETECTION", "none"), ("REALTIME_SESSION", "[]")));

        var faults = StartupFaults.Explain(exception);
        Assert.NotNull(faults);
        foreach (var name in (string[])["PORT is 'eighty'", "PUBLIC_URL is 'example.com'", "TWILIO_ACCOUNT_SID is 'AC1'", "TURN_DETECTION is 'none'", "REALTIME_SESSION is"])
        {
            Assert.Contains(faults, fault => fault.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Start_SaysThatThePortIsInUse()
    {
        await using var host = await LocalHost.StartAsync();

        var exception = await Assert.ThrowsAsync<IOException>(() => LocalHost.StartAsync(("PORT", $"{host.PhoneUrl.Port}")));

        Assert.True(StartupFaults.IsAddressInUse(exception));
    }

    /// <summary>Says its frames' numbers, so that each is different.</summary>
    private sealed class NumberingCaller : ICaller
    {
        private readonly Channel<byte[]> _heard = Channel.CreateUnbounded<byte[]>();
        private int _next;

        public static byte[] Frame(int number)
        {
            var frame = new byte[160];
            new Random(number).NextBytes(frame);
            return frame;
        }

        public void Speak(Span<byte> frame) => Frame(_next++).CopyTo(frame);

        public void Hear(ReadOnlySpan<byte> frame) => _heard.Writer.TryWrite(frame.ToArray());

        public void Notice(PhoneEvent phoneEvent)
        {
        }

        public async Task<byte[]> HearAsync() => await _heard.Reader.ReadAsync(TestTimeout.Token);
    }
}
