using System.Buffers.Text;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>The gate of STYLE 2.7: a frame on its way costs no garbage. Alone, because what is counted is the whole process's.</summary>
/// <remarks>
/// One frame after the other, so that every read waits, which is where an async method without a pooling builder allocates. The test's own
/// side allocates nothing per frame either.
/// </remarks>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Frames = 25_000;
    private const int FramesPerWait = 1000;
    private const int BytesPerFrame = 8;

    private static readonly string Payload = Convert.ToBase64String(Enumerable.Range(0, 160).Select(i => (byte)i).ToArray());

    private readonly byte[] _received = new byte[4096];

    [Fact]
    public async Task CallerAudio_IsRelayed_WithoutGarbage()
    {
        SkipInDebug();
        using var meters = new Fakes.TestMeters();
        await using var relay = await SocketRelay.StartAsync(meters);
        var media = Encoding.ASCII.GetBytes(
            $$$"""{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"100000000","payload":"{{{Payload}}}"},"streamSid":"{{{SocketRelay.StreamSid}}}"}""");
        var timestamp = media.AsMemory(media.AsSpan().IndexOf("100000000"u8), 9);
        var milliseconds = 100_000_000L;

        var bytes = await MeasureAsync(async frames =>
        {
            for (var i = 0; i < frames; i++)
            {
                // Steadily, or silence would go in between.
                Utf8Formatter.TryFormat(milliseconds += 20, timestamp.Span, out _);
                await relay.Twilio.SendAsync(media.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                await ReceiveAsync(relay.Model);
            }
        });

        Assert.StartsWith($$"""{"type":"input_audio_buffer.append","audio":"{{Payload}}"}""", Encoding.ASCII.GetString(_received), StringComparison.Ordinal);
        Assert.InRange(bytes, 0, BytesPerFrame);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ModelAudio_IsRelayed_AndItsMarksAreTakenBack_WithoutGarbage(bool traced)
    {
        SkipInDebug();
        using var meters = new Fakes.TestMeters();
        using var telemetry = traced ? new Fakes.TelemetryRecorder(meters) : null;
        await using var relay = await SocketRelay.StartAsync(meters);
        await relay.Model.SendAsync(
            """{"type":"response.created","response":{"id":"resp_1"}}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var delta = Encoding.ASCII.GetBytes(
            $$"""{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_100","item_id":"item_100","output_index":0,"content_index":0,"delta":"{{Payload}}"}""");

        // Nobody answers for minutes on end: what never stops is cut off.
        var number = 100;
        var responseNumber = delta.AsMemory(delta.AsSpan().IndexOf("resp_100"u8) + 5, 3);
        var itemNumber = delta.AsMemory(delta.AsSpan().IndexOf("item_100"u8) + 5, 3);

        var bytes = await MeasureAsync(async frames =>
        {
            Utf8Formatter.TryFormat(++number, responseNumber.Span, out _);
            Utf8Formatter.TryFormat(number, itemNumber.Span, out _);
            for (var i = 0; i < frames; i++)
            {
                await relay.Model.SendAsync(delta.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                await ReceiveAsync(relay.Twilio);
                var mark = await ReceiveAsync(relay.Twilio);
                await relay.Twilio.SendAsync(_received.AsMemory(0, mark), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
        });

        Assert.StartsWith($$"""{"event":"mark","streamSid":"{{SocketRelay.StreamSid}}","mark":{"name":"1-25-""", Encoding.ASCII.GetString(_received), StringComparison.Ordinal);
        Assert.InRange(bytes, 0, BytesPerFrame);
    }

    private static void SkipInDebug()
    {
#if DEBUG
        Assert.Skip("In Debug builds async state machines are classes, so every wait allocates: run with -c Release.");
#endif
    }

    /// <returns>Bytes allocated per frame, in those thousand that cost least: what tests before have left behind allocates, too, at times.</returns>
    private static async Task<double> MeasureAsync(Func<int, Task> relay)
    {
        // Meanwhile buffers grow, pools fill, and the code is compiled.
        var least = long.MaxValue;
        for (var frames = 0; frames < Frames; frames += FramesPerWait)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await relay(FramesPerWait).WaitAsync(Fakes.TestTimeout.Value);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least / (double)FramesPerWait;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(WebSocket socket)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_received.AsMemory(length), CancellationToken.None);
            length += received.Count;
            if (received.EndOfMessage)
            {
                return length;
            }
        }
    }
}
