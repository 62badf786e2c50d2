using System.Net.WebSockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>Twilio's messages in any order at all, against a model of what the bridge makes of them.</summary>
[Trait("Proves", "T-M6")]
public sealed class StreamOrderTests(BridgeFixture bridge) : IClassFixture<BridgeFixture>
{
    private const int Streams = 40;
    private const int MaxMessages = 12;

    private enum Message
    {
        Connected,
        Start,
        StartWithUsedToken,
        Media,
        MediaOfAnotherStream,
        MediaWithoutAudio,
        Mark,
        Dtmf,
        Stop,
        Unknown,
        Unreadable,
        Binary,
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AnyOrder_IsAnsweredAsTheProtocolSays(int seed)
    {
        var random = new Random(seed);
        for (var stream = 0; stream < Streams; stream++)
        {
            await PlayAsync(Pick(random), $"seed {seed}, stream {stream}");
        }
    }

    [Fact]
    public Task AnyOrder_IsAnsweredAsTheProtocolSays_AlsoInARunThatNobodyHasSeen()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        return AnyOrder_IsAnsweredAsTheProtocolSays(seed);
    }

    private async Task PlayAsync(IReadOnlyList<Message> messages, string which)
    {
        await using var twilio = await FakeTwilioStream.ConnectAsync(bridge.Host.Url);
        var expected = new Expected();
        FakeRealtimeSession? model = null;
        byte frame = 0;

        // Whatever was sent is over with a stop, unless it was before.
        foreach (var message in messages.Append(Message.Stop))
        {
            if (expected.Close is not null)
            {
                break;
            }

            var admitted = expected.Admitted;
            expected.Take(message, frame = (byte)(frame + 1));
            await SendAsync(twilio, message, frame);
            if (expected.Admitted && !admitted)
            {
                model = await bridge.Model.AcceptConfiguredAsync();
                // What is said before the model listens is kept for it; lost, if the call ends before that.
                await SendAsync(twilio, Message.Media, 0);
                await model.ReceiveAsync("input_audio_buffer.append");
            }
        }

        var trace = $"{which}: {string.Join(' ', messages)}";
        Assert.Equal((trace, expected.Close), (trace, await twilio.ReceiveCloseAsync()));
        Assert.True(bridge.Model.HasNoSession, trace);
        if (model is not null)
        {
            Assert.Equal(WebSocketCloseStatus.NormalClosure, await model.Ended);
            Assert.Equal((trace, string.Join(' ', expected.Heard)), (trace, string.Join(' ', await model.ReceiveAudioToEndAsync())));
        }
    }

    private async Task SendAsync(FakeTwilioStream twilio, Message message, byte frame)
    {
        switch (message)
        {
            case Message.Binary:
                await twilio.SendAsync(new byte[] { frame }, WebSocketMessageType.Binary);
                break;
            case Message.Start:
                await twilio.SendAsync(FakeTwilioStream.StartMessage(await bridge.Host.IssueTokenAsync()));
                break;
            default:
                await twilio.SendAsync(Json(message, frame));
                break;
        }
    }

    private static string Json(Message message, byte frame) => message switch
    {
        Message.Connected => """{"event":"connected","protocol":"Call","version":"1.0.0"}""",
        Message.StartWithUsedToken => FakeTwilioStream.StartMessage(new string('A', 43)),
        Message.Media => $$$"""{"event":"media","media":{"payload":"{{{Convert.ToBase64String([frame])}}}"},"streamSid":"{{{FakeTwilioStream.StreamSid}}}"}""",
        Message.MediaOfAnotherStream => """{"event":"media","media":{"payload":"fn8A"},"streamSid":"MZffffffffffffffffffffffffffffffff"}""",
        Message.MediaWithoutAudio => """{"event":"media","media":{"payload":"?"}}""",
        Message.Mark => """{"event":"mark","mark":{"name":"1-1-20"}}""",
        Message.Dtmf => """{"event":"dtmf","dtmf":{"digit":"1"}}""",
        Message.Stop => """{"event":"stop"}""",
        Message.Unknown => """{"event":"news"}""",
        _ => "{",
    };

    // Mostly in order, or no stream would get far.
    private static List<Message> Pick(Random random)
    {
        var messages = Enum.GetValues<Message>();
        var picked = new List<Message>();
        if (random.Next(4) > 0)
        {
            picked.AddRange([Message.Connected, Message.Start]);
        }

        while (picked.Count < MaxMessages)
        {
            picked.Add(random.Next(3) == 0 ? messages[random.Next(messages.Length)] : random.Next(5) switch
            {
                0 => Message.Unknown,
                1 => Message.Mark,
                2 => Message.Dtmf,
                _ => Message.Media,
            });
        }

        return picked;
    }

    /// <summary>The protocol, without sockets, time and bytes.</summary>
    private sealed class Expected
    {
        private int _messages;
        private int _unreadable;
        private bool _connected;

        public bool Admitted { get; private set; }

        public WebSocketCloseStatus? Close { get; private set; }

        public List<string> Heard { get; } = [];

        public void Take(Message message, byte frame) => Close = Admitted ? Converse(message, frame) : Admit(message);

        private WebSocketCloseStatus? Admit(Message message)
        {
            _messages++;
            switch (message)
            {
                case Message.Binary:
                    return WebSocketCloseStatus.InvalidMessageType;
                case Message.Start when _connected:
                    Admitted = true;
                    return null;
                case Message.Connected when !_connected:
                    _connected = true;
                    break;
                case Message.Unknown:
                    break;
                default:
                    return WebSocketCloseStatus.PolicyViolation;
            }

            return _messages == 4 ? WebSocketCloseStatus.PolicyViolation : null;
        }

        private WebSocketCloseStatus? Converse(Message message, byte frame)
        {
            switch (message)
            {
                case Message.Media:
                    Heard.Add(Convert.ToBase64String([frame]));
                    return null;
                case Message.MediaWithoutAudio or Message.Unreadable:
                    return ++_unreadable == 3 ? WebSocketCloseStatus.PolicyViolation : null;
                case Message.Connected or Message.Start or Message.StartWithUsedToken or Message.MediaOfAnotherStream:
                    return WebSocketCloseStatus.PolicyViolation;
                case Message.Binary:
                    return WebSocketCloseStatus.InvalidMessageType;
                case Message.Stop:
                    return WebSocketCloseStatus.NormalClosure;
                default:
                    return null;
            }
        }
    }
}
