using System.Net.WebSockets;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone.Streams;

public class MediaStreamTests
{
    [Fact]
    public async Task Frames_AreSent_OneForEvery20Milliseconds()
    {
        await using var call = await ConnectAsync();
        var stream = call.Stream;

        for (var frame = 0; frame < 50; frame++)
        {
            call.Caller.Says = (byte)frame;
            call.Tick();

            var message = (await stream.ReceiveAsync())!.Value;
            var media = message.GetProperty("media");
            Assert.Equal($"{frame + 2}", message.GetProperty("sequenceNumber").GetString());
            Assert.Equal($"{frame + 1}", media.GetProperty("chunk").GetString());
            Assert.Equal($"{frame * 20}", media.GetProperty("timestamp").GetString());
            Assert.Equal(Enumerable.Repeat((byte)frame, 160), media.GetProperty("payload").GetBytesFromBase64());
        }

        Assert.Equal(50, call.Times.FramesSent);
        Assert.Equal(0, call.Times.LateFrames);
    }

    [Fact]
    public async Task Frames_AreAllSent_AfterALateWakeUp()
    {
        await using var call = await ConnectAsync();

        call.Time.Advance(TimeSpan.FromMilliseconds(500));

        for (var frame = 0; frame < 25; frame++)
        {
            Assert.Equal($"{frame * 20}", (await call.Stream.ExpectAsync("media")).GetProperty("timestamp").GetString());
        }

        Assert.Equal(24, call.Times.LateFrames);
    }

    [Fact]
    public async Task Mark_ComesBack_WhenItsAudioWasHeard()
    {
        await using var call = await ConnectAsync();
        byte[] audio = [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 100))];
        await call.Stream.PlayAsync(audio[..150]);
        await call.Stream.PlayAsync(audio[150..]);
        await call.Stream.MarkAsync("end");

        var heard = new List<byte>();
        var marked = false;
        while (!marked)
        {
            call.Tick();
            heard.AddRange(await call.Caller.HearAsync());
            await call.Stream.ExpectAsync("media");

            // The mark is sent within the tick that plays its audio's end, after that tick's frame.
            marked = heard.Count(code => code != MuLaw.Silence) == audio.Length;
        }

        Assert.Equal("end", (await call.Stream.ExpectAsync("mark")).GetProperty("name").GetString());
        Assert.Equal(audio, heard.Where(code => code != MuLaw.Silence));
        Assert.Equal(1, call.Times.Marks);
    }

    [Fact]
    public async Task Mark_ComesBackAtOnce_WhereNothingPlays()
    {
        await using var call = await ConnectAsync();

        await call.Stream.MarkAsync("now");

        Assert.Equal("now", (await call.Stream.ExpectAsync("mark")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Clear_ReturnsAllMarksAtOnce()
    {
        await using var call = await ConnectAsync();
        await call.Stream.PlayAsync(new byte[8000]);
        await call.Stream.MarkAsync("a");
        await call.Stream.PlayAsync(new byte[8000]);
        await call.Stream.MarkAsync("b");

        await call.Stream.ClearAsync();

        Assert.Equal("a", (await call.Stream.ExpectAsync("mark")).GetProperty("name").GetString());
        Assert.Equal("b", (await call.Stream.ExpectAsync("mark")).GetProperty("name").GetString());
        call.Tick();
        Assert.Equal(Tone.SilentFrame, await call.Caller.HearAsync());
        Assert.Equal(0, call.Times.FramesHeard);
        Assert.Empty(call.Times.Warnings);
    }

    [Theory]
    [InlineData(16_160, 2000)]
    [InlineData(168, 1)]
    [InlineData(160)]
    public async Task Clear_IsACutOff_WhereSomethingWasNotHeard(int bytes, params int[] unheard)
    {
        await using var call = await ConnectAsync();
        await call.Stream.PlayAsync(new byte[bytes]);
        while (call.Times.FramesHeard == 0)
        {
            call.Tick();
            await call.Caller.HearAsync();
            await call.Stream.ExpectAsync("media");
        }

        await call.Stream.ClearAsync();
        await call.Stream.MarkAsync("cleared");
        await call.Stream.ExpectAsync("mark");
        call.Tick();
        await call.Caller.HearAsync();

        Assert.Equal(unheard, call.Times.CutOffs.Select(cutOff => (int)cutOff.Unheard.TotalMilliseconds));
    }

    [Fact]
    public async Task Key_IsSent_AsTwilioSendsIt()
    {
        await using var call = await ConnectAsync();

        call.Call.Press('#');

        Assert.Equal(
            $$$"""{"event":"dtmf","streamSid":"{{{call.Stream.StreamSid}}}","sequenceNumber":"2","dtmf":{"track":"inbound_track","digit":"#"}}""",
            (await call.Stream.ReceiveAsync())!.Value.GetRawText());
    }

    [Fact]
    public async Task WrongMessages_AreWarnedAbout_AndTheStreamGoesOn()
    {
        await using var call = await ConnectAsync();

        await call.Stream.SendAsync("clear"u8.ToArray(), WebSocketMessageType.Binary);
        await call.Stream.SendAsync("""{"event":"hello"}""");
        await call.Stream.SendAsync("""{"event":"clear","streamSid":"MZother"}""");
        await call.Stream.SendAsync("""{"event":"clear","streamSid":"MZother"}""");
        await call.Stream.SendAsync($$$"""{"event":"media","streamSid":"{{{call.Stream.StreamSid}}}","media":{"payload":"?"}}""");

        await call.Stream.MarkAsync("after");
        await call.Stream.ExpectAsync("mark");
        Assert.Equal([31950, 31924, 31951, 31951], call.Times.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public async Task Stream_Ends_WhereTheServerSendsMoreThanTenMinutesAhead()
    {
        await using var call = await ConnectAsync();
        for (var minute = 0; minute < 10; minute++)
        {
            await call.Stream.PlayAsync(new byte[60 * MuLaw.SampleRate]);
        }

        await call.Stream.PlayAsync(1);
        await call.Stream.DrainAsync();

        Assert.Equal(CallEndKind.StreamDropped, (await call.EndAsync()).Kind);
        Assert.Equal(31924, Assert.Single(call.Times.Warnings).Code);
    }

    [Fact]
    public async Task Times_AreCountedFromTheStart()
    {
        await using var call = await ConnectAsync();
        call.Time.Advance(TimeSpan.FromMilliseconds(90));

        await call.Stream.PlayAsync([.. Tone.Frame, .. Tone.Frame]);
        await call.Stream.ClearAsync();
        await call.Stream.MarkAsync("received");
        while ((await call.Stream.ReceiveAsync())!.Value.GetProperty("event").GetString() != "mark")
        {
        }

        Assert.Equal(TimeSpan.Zero, call.Times.Connected);
        Assert.Equal(TimeSpan.FromMilliseconds(90), call.Times.FirstMedia);
        Assert.Null(call.Times.FirstAudible);
    }

    private static async Task<ConnectedCall> ConnectAsync()
    {
        var call = await DialledCall.DialAsync("<Response><Connect><Stream url=\"/media-stream\"/></Connect></Response>");
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();
        return new(call, stream);
    }

    private sealed class ConnectedCall(DialledCall dialled, FakeStream stream) : IAsyncDisposable
    {
        public FakeStream Stream => stream;

        public PhoneCall Call => dialled.Call;

        public CallTimes Times => dialled.Call.Times;

        public FakeCaller Caller => dialled.Caller;

        public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time => dialled.Time;

        public void Tick() => dialled.Tick();

        public Task<CallEnd> EndAsync() => dialled.EndAsync();

        public async ValueTask DisposeAsync()
        {
            stream.Abort();
            await dialled.DisposeAsync();
        }
    }
}
