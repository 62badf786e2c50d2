using System.Net.WebSockets;
using System.Text.Unicode;
using VoiceAssistant.Local.Fuzzing;
using VoiceAssistant.Local.Fuzzing.Targets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>Mutated messages at the bridge as it runs, before and after a good token, while somebody else talks.</summary>
[Trait("Proves", "T-M4")]
[Trait("Proves", "R25")]
public sealed class StreamFuzzTests(BridgeFixture bridge, ITestOutputHelper output) : IClassFixture<BridgeFixture>
{
    private const int Streams = 200;
    private const int MaxMessages = 8;

    // What the bridge says of its own accord, and what the WebSocket says of text that is none.
    private static readonly WebSocketCloseStatus[] Statuses =
    [
        WebSocketCloseStatus.NormalClosure, WebSocketCloseStatus.PolicyViolation, WebSocketCloseStatus.InvalidMessageType, WebSocketCloseStatus.MessageTooBig,
        WebSocketCloseStatus.InvalidPayloadData,
    ];

    private static readonly IReadOnlyList<byte[]> Seeds = [.. Corpus.Twilio, .. TwilioSeeds.Messages];

    [Fact]
    public async Task MutatedStreams_AreClosedWithACode_AndTouchNoOtherCall()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var mutator = new Mutator(random, Seeds, (64 * 1024) + 1);
        await using var other = await bridge.Host.CallAsync();
        var model = await bridge.Model.AcceptConfiguredAsync();

        for (var stream = 0; stream < Streams; stream++)
        {
            await PlayAsync(random, mutator, $"seed {seed}, stream {stream}");

            var frame = new byte[160];
            random.NextBytes(frame);
            await other.SendMediaAsync(20 * stream, frame);
            Assert.Equal(Convert.ToBase64String(frame), (string?)(await model.ReceiveAsync("input_audio_buffer.append"))["audio"]);
        }
    }

    private async Task PlayAsync(Random random, Mutator mutator, string which)
    {
        await using var twilio = await FakeTwilioStream.ConnectAsync(bridge.Host.Url);
        var isText = true;
        var isTaken = true;
        var closing = Task.FromResult<WebSocketCloseStatus?>(null);
        try
        {
            if (random.Next(4) > 0)
            {
                var callSid = "CA" + random.GetHexString(32, lowercase: true);
                await twilio.StartAsync(await bridge.Host.IssueTokenAsync(callSid), callSid);
            }

            closing = twilio.ReceiveCloseAsync();
            for (var messages = random.Next(1, MaxMessages); messages > 0 && !closing.IsCompleted; messages--)
            {
                byte[] message;
                do
                {
                    message = mutator.Next(Seeds);
                }
                while (!Utf8.IsValid(message) && random.Next(8) > 0); // The WebSocket ends those, and nothing behind it is tried.

                isText &= Utf8.IsValid(message);
                await SendAsync(twilio, message, random);
            }

            // Whatever it was, it is over now.
            await twilio.StopAsync();
        }
        catch (WebSocketException)
        {
            // The bridge had closed already.
            isTaken = false;
        }

        var status = await closing;
        Assert.True(
            status is { } code ? Statuses.Contains(code) : !isText || !isTaken,
            $"{which}: closed with {status?.ToString() ?? "nothing"} {twilio.CloseReason}");
    }

    private static async Task SendAsync(FakeTwilioStream twilio, byte[] message, Random random)
    {
        var type = random.Next(20) == 0 ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
        var first = random.Next(4) == 0 ? random.Next(message.Length + 1) : 0;
        if (first > 0)
        {
            await twilio.SendAsync(message.AsMemory(0, first), type, endOfMessage: false);
        }

        await twilio.SendAsync(message.AsMemory(first), type);
    }
}
