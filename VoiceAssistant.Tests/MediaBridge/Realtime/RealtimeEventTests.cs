using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceAssistant.Local.Fuzzing;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class RealtimeEventTests
{
    [Fact]
    public void Examples_AreReadRight()
    {
        var types = new Dictionary<string, RealtimeEventType>
        {
            ["response.output_audio.delta"] = RealtimeEventType.AudioDelta,
            ["response.output_audio_transcript.delta"] = RealtimeEventType.TranscriptDelta,
            ["response.output_audio_transcript.done"] = RealtimeEventType.TranscriptDone,
            ["input_audio_buffer.speech_started"] = RealtimeEventType.SpeechStarted,
            ["input_audio_buffer.speech_stopped"] = RealtimeEventType.SpeechStopped,
            ["input_audio_buffer.committed"] = RealtimeEventType.Committed,
            ["conversation.item.input_audio_transcription.completed"] = RealtimeEventType.Transcribed,
            ["conversation.item.input_audio_transcription.failed"] = RealtimeEventType.TranscriptionFailed,
            ["rate_limits.updated"] = RealtimeEventType.RateLimits,
            ["session.created"] = RealtimeEventType.SessionCreated,
            ["response.created"] = RealtimeEventType.ResponseCreated,
            ["response.done"] = RealtimeEventType.ResponseDone,
            ["error"] = RealtimeEventType.Error,
        };

        foreach (var example in Corpus.Realtime)
        {
            var json = JsonNode.Parse(example)!;
            var @event = RealtimeEvent.Read(example);

            Assert.Equal(types.GetValueOrDefault((string)json["type"]!, IsOurs((string)json["type"]!) ? RealtimeEventType.Unknown : RealtimeEventType.Unused), @event.Type);
            Assert.Equal((string?)json["type"], Text(@event.TypeName));
            Assert.Equal((string?)json["response_id"] ?? "", Text(@event.ResponseId));
            Assert.Equal((string?)json["item_id"] ?? "", Text(@event.ItemId));
            Assert.Equal((string?)json["delta"] ?? "", Text(@event.Delta));
            Assert.Equal((string?)json["transcript"] ?? "", Text(@event.Transcript));
        }
    }

    [Fact]
    public void SettingsTaken_AreRecognised() =>
        Assert.Equal(RealtimeEventType.SessionUpdated, Read("""{"event_id":"e","session":{"type":"error","delta":[]},"type":"session.updated"}"""u8).Type);

    [Theory]
    [InlineData("""{"delta":"fn9/","item_id":"i","response_id":"r","type":"response.output_audio.delta"}""")]
    [InlineData("""{"item":{"type":"error","item_id":"x"},"type":"response.output_audio.delta","response_id":"r","new":[{"delta":"x"}],"delta":"fn9\/","item_id":"\u0069"}""")]
    [InlineData("""{"type":"error","type":"response.output_audio.delta","delta":"x","delta":"fn9/","item_id":"i","response_id":"r","obfuscation":"aLxx0"}""")]
    public void Fields_AreRead_InAnyOrderAmongOthers(string json)
    {
        var @event = Read(Encoding.UTF8.GetBytes(json));

        Assert.Equal(RealtimeEventType.AudioDelta, @event.Type);
        Assert.Equal("r", Text(@event.ResponseId));
        Assert.Equal("i", Text(@event.ItemId));
        Assert.Equal("fn9/", Text(@event.Delta));
    }

    [Fact]
    public void Delta_StandsInTheReceiveBuffer_AsItCame()
    {
        var bytes = """{"type":"response.output_audio.delta","delta":"fn9/f35+"}"""u8.ToArray();

        Assert.True(RealtimeEvent.Read(bytes).Delta.Span.Overlaps(bytes));
    }

    // New types appear without notice, and what they mean by our fields' names is theirs.
    [Theory]
    [InlineData("""{"type":"response.something.delta","delta":{"text":"x"},"item_id":null,"response_id":7}""")]
    [InlineData("""{"delta":[{"delta":1}],"item_id":{},"type":"something.new"}""")]
    [InlineData("{}")]
    public void OtherEvents_AreUnknown_WhateverTheyHold(string json) =>
        Assert.Equal(RealtimeEventType.Unknown, Read(Encoding.UTF8.GetBytes(json)).Type);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"type\"")]
    [InlineData("{}{}")]
    [InlineData("{\"type\":\"error\",}")]
    [InlineData("{\"type\":null}")]
    [InlineData("{\"type\":{\"type\":\"error\"}}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("{\"t\\ud800\":\"error\"}")]
    [InlineData("{\"type\":\"response.output_audio.delta\",\"delta\":null}")]
    [InlineData("{\"delta\":{},\"type\":\"response.output_audio.delta\"}")]
    [InlineData("{\"type\":\"response.output_audio.delta\",\"item_id\":7}")]
    [InlineData("{\"response_id\":[],\"type\":\"response.output_audio.delta\"}")]
    public void Event_IsNotOne_WithOtherTypesOrMoreThanAnObject(string json) =>
        Assert.ThrowsAny<JsonException>(() => Read(Encoding.UTF8.GetBytes(json)).Type);

    [Fact]
    public void Event_IsNotOne_WhereverItIsCutOff()
    {
        foreach (var example in Corpus.Realtime)
        {
            for (var length = 0; length < example.Length; length++)
            {
                Assert.ThrowsAny<JsonException>(() => Read(example.AsSpan(0, length)).Type);
            }
        }
    }

    [Fact(Skip = Build.DebugAllocates, SkipWhen = nameof(Build.IsDebug), SkipType = typeof(Build))]
    public void ModelAudio_IsTranslated_WithoutAllocating()
    {
        var delta = Encoding.UTF8.GetBytes($$$"""{"type":"response.output_audio.delta","event_id":"event_4950","response_id":"resp_001","item_id":"msg_008","output_index":0,"content_index":0,"delta":"{{{Convert.ToBase64String(new byte[3200])}}}"}""");
        using var output = new PooledBuffer(4096);

        Translate();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Translate();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Translate()
        {
            for (var i = 0; i < 10_000; i++)
            {
                output.Clear();
                TwilioCommands.WriteMedia(output, "MZ1"u8, RealtimeEvent.Read(delta).Delta.Span);
                TwilioCommands.WriteMark(output, "MZ1"u8, new Mark(1, 2, i));
            }
        }
    }

    // Among the examples are those of the events that we send.
    private static bool IsOurs(string type) => type is
        "session.update" or "input_audio_buffer.append" or "conversation.item.create" or "conversation.item.truncate" or "response.create" or "response.cancel";

    private static RealtimeEvent Read(ReadOnlySpan<byte> utf8) => RealtimeEvent.Read(utf8.ToArray());

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
